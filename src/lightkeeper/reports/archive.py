"""The one file of a zip archive that is wanted, read within limits that a zip bomb breaks."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lightkeeper.errors import ReportUnreadable

MAX_RATIO = 200
"""Text packs to a tenth or less; a thousandth is a bomb."""

MAX_ENTRIES = 200_000
EXPORT_NAME = "result.json"


def read_export_member(path: Path, *, max_bytes: int) -> bytes:
    """Return `result.json` of a zipped Telegram export. Nothing is written, no other file opened.

    Raises
    ------
    ReportUnreadable
        Not a zip archive, damaged, encrypted, without the file or with several, or unpacking to
        more than `max_bytes` or to over 200 times its packed size.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ReportUnreadable(
                    where, f"it holds {len(entries)} files", f"pack {EXPORT_NAME} alone"
                )
            found = [e for e in entries if PurePosixPath(e.filename).name == EXPORT_NAME]
            if len(found) != 1:
                raise ReportUnreadable(
                    where,
                    f"the zip archive holds {len(found)} files named {EXPORT_NAME}",
                    "pack one Telegram export, or unpack it and name its files",
                )
            return _read_entry(archive, found[0], where, max_bytes)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise ReportUnreadable(
            where, f"the zip archive cannot be read ({error})", "pack or copy it again"
        ) from error


def _read_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str, max_bytes: int
) -> bytes:
    if entry.flag_bits & 0x1:
        raise ReportUnreadable(where, "the zip archive is encrypted", "pack it without a password")
    # What the archive says of itself may be a lie, so what comes out is measured too.
    limit = min(max_bytes, MAX_RATIO * max(entry.compress_size, 1024))
    if entry.file_size > limit:
        raise _too_large(where, entry.file_size, limit)
    with archive.open(entry) as member:
        data = member.read(limit + 1)
    if len(data) > limit:
        raise _too_large(where, len(data), limit)
    return data


def _too_large(where: str, size: int, limit: int) -> ReportUnreadable:
    return ReportUnreadable(
        where,
        f"{EXPORT_NAME} in it unpacks to {size} bytes or more, over the limit of {limit}",
        "if it is no zip bomb, unpack it yourself and split it, or raise max_bytes",
    )

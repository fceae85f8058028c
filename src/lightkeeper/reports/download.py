"""One file from the network: in time, within a size, not again if nothing changed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lightkeeper.reports.source import SourceFailed

if TYPE_CHECKING:
    import httpx

USER_AGENT = "lightkeeper"
MAX_REDIRECTS = 5
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server said of the version that is held, so that it need not send it again."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What came. `data` is None when the version held is still the newest."""

    data: bytes | None
    validators: Validators
    charset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOptions:
    """`timeout_s` is for the whole answer; a larger body than `max_bytes` is cut off and refused.

    `headers` may hold a key: they are sent, never stored or shown.
    """

    timeout_s: float = 20.0
    max_bytes: int = 32 * 1024 * 1024
    headers: Mapping[str, str] | None = None


Downloader = Callable[[str, Validators, DownloadOptions], Download]


def download(url: str, held: Validators, options: DownloadOptions) -> Download:
    """Fetch a URL over HTTP or HTTPS.

    Raises
    ------
    SourceFailed
        No answer in time, an error status, too large, or damaged. The reason never holds the
        query of the URL or a header, where keys may be.
    """
    import httpx  # slow to load, and most commands fetch nothing

    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **(options.headers or {})}
    if held.etag:
        headers["If-None-Match"] = held.etag
    if held.last_modified:
        headers["If-Modified-Since"] = held.last_modified
    shown = show_url(url)
    give_up_at = monotonic() + options.timeout_s
    try:
        with (
            httpx.Client(
                timeout=options.timeout_s, follow_redirects=True, max_redirects=MAX_REDIRECTS
            ) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return Download(data=None, validators=held)
            if response.status_code != httpx.codes.OK:
                raise SourceFailed(
                    f"{shown} answers {response.status_code} {_MEANS.get(response.status_code, '')}"
                    .rstrip(),
                    retry_after_s=_retry_after_s(response),
                )  # fmt: skip
            return Download(
                data=_read_body(response, options.max_bytes, give_up_at, shown),
                validators=Validators(
                    etag=response.headers.get("etag", ""),
                    last_modified=response.headers.get("last-modified", ""),
                ),
                charset=response.charset_encoding,
            )
    except httpx.TimeoutException as error:
        raise SourceFailed(f"{shown} does not answer within {options.timeout_s:g} s") from error
    except httpx.TooManyRedirects as error:
        raise SourceFailed(f"{shown} redirects more than {MAX_REDIRECTS} times") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceFailed(f"{shown}: {type(error).__name__}, no answer could be read") from error


_MEANS = {
    401: "(the key is missing or wrong)",
    403: "(the key may not read this)",
    404: "(there is nothing at this address)",
    429: "(asked too often)",
}


def show_url(url: str) -> str:
    """Return an address without user, password, query and fragment, where keys may be."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _read_body(response: httpx.Response, max_bytes: int, give_up_at: float, shown: str) -> bytes:
    """Read piece by piece, unpacking within the limit: a small body may unpack to a huge one."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise SourceFailed(f"{shown} sends the encoding {encoding[:20]!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = 0
    try:
        for raw in response.iter_raw(_PIECE):
            piece = raw if unpack is None else unpack.decompress(raw, max_bytes - size + 1)
            size += len(piece)
            if size > max_bytes:
                raise SourceFailed(f"{shown} sends more than {max_bytes} bytes")
            if monotonic() > give_up_at:
                raise SourceFailed(f"{shown} does not finish its answer in time")
            parts.append(piece)
    except zlib.error as error:
        raise SourceFailed(f"{shown} sends damaged gzip data") from error
    if unpack is not None and not unpack.eof:
        raise SourceFailed(f"{shown} breaks off in the middle of its answer")
    return b"".join(parts)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait, as a number or a date (RFC 9110)."""
    text = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,6}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    if (until.tzinfo is None) != (now.tzinfo is None):
        return None
    return max((until - now).total_seconds(), 0.0)

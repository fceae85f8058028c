"""The file of sources (`sources.toml`): read, checked, every fault named."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter, ValidationError

from lightkeeper.errors import DataInvalid, InputError, Problem
from lightkeeper.reports.source import ALERT_KINDS, SourceKind, SourceSettings

EVERY_S = {
    SourceKind.FILES: 10.0,
    SourceKind.TELEGRAM_EXPORT: 30.0,
    SourceKind.TELEGRAM_PAGE: 60.0,
    SourceKind.TELEGRAM_LIVE: 30.0,
    SourceKind.FEED: 300.0,
    SourceKind.ARTICLE: 600.0,
    SourceKind.ALERTS_IN_UA: 15.0,
    SourceKind.ALERTS_IN_UA_STATUSES: 15.0,
    SourceKind.UKRAINE_ALARM: 15.0,
    SourceKind.FEEDERS: 60.0,
    SourceKind.CALLS: 60.0,
    SourceKind.INSPECTIONS: 60.0,
}
"""How often a source is asked where the file does not say."""

URLS = {
    SourceKind.ALERTS_IN_UA: "https://api.alerts.in.ua/v1/alerts/active.json",
    SourceKind.ALERTS_IN_UA_STATUSES: (
        "https://api.alerts.in.ua/v1/iot/active_air_raid_alerts_by_oblast.json"
    ),
    SourceKind.UKRAINE_ALARM: "https://api.ukrainealarm.com/api/v3/alerts",
}

LEAST_EVERY_S = 5.0
FILE_MB = 32.0
"""Limit of a file on this machine where the file of sources does not say; of an answer, 8."""

MAX_NAME = 80
_NEEDS: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.FILES: ("path",),
    SourceKind.TELEGRAM_EXPORT: ("path",),
    SourceKind.TELEGRAM_PAGE: ("url",),
    SourceKind.TELEGRAM_LIVE: ("url", "session", "api_id_env", "api_hash_env"),
    SourceKind.FEED: ("url",),
    SourceKind.ARTICLE: ("url",),
    SourceKind.ALERTS_IN_UA: ("token_env",),
    SourceKind.ALERTS_IN_UA_STATUSES: ("token_env",),
    SourceKind.UKRAINE_ALARM: ("token_env",),
}
_KEYS = frozenset({"token", "key", "api_key", "apikey", "access_token"})
_FILES = frozenset({SourceKind.FILES, SourceKind.TELEGRAM_EXPORT})
_LISTS = frozenset({SourceKind.FEEDERS, SourceKind.CALLS, SourceKind.INSPECTIONS})
_Complain = Callable[[str, str], None]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PACKAGES = {SourceKind.ARTICLE: "trafilatura", SourceKind.TELEGRAM_LIVE: "telethon"}
_EXTRAS = {"trafilatura": "articles", "telethon": "telegram"}


def read_source_file(path: Path) -> tuple[SourceSettings, ...]:
    """Read the sources of a TOML file: a list of tables `[[source]]`.

    Relative paths are of the file's own folder.

    Raises
    ------
    InputError
        The file cannot be read, or is no TOML.
    DataInvalid
        With every fault found.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f'sources "{path}" cannot be read: {error}; mend it, it is TOML'
        ) from error
    problems: list[Problem] = []
    rows = content.pop("source", [])
    if content or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        problems.append(Problem(path.name, "holds more than tables [[source]]", "see the how-to"))
        rows = []
    sources: list[SourceSettings] = []
    for number, row in enumerate(rows, start=1):
        where = f"{path.name}, source {number}" + (f' "{n}"' if (n := row.get("name")) else "")
        source = _read_source(row, where, problems)
        if source is None:
            continue
        _check(source, where, problems)
        if source.name in {s.name for s in sources}:
            problems.append(Problem(where, "the name is taken", "give each source its own"))
        sources.append(_beside(source, path.parent))
    if problems:
        raise DataInvalid(f'sources "{path}"', problems)
    return tuple(sources)


def find_missing(source: SourceSettings, environment: Mapping[str, str]) -> list[Problem]:
    """Return what this machine lacks to ask a source: files, keys, packages. Nothing is fetched."""
    problems = [
        Problem(source.name, f'there is no "{path}"', "check the path")
        for path in (source.path, source.regions)
        if path is not None and not Path(path).exists()
    ]
    problems += [
        Problem(source.name, f"{variable} is not set", "put the key into the environment")
        for variable in (source.token_env, source.api_id_env, source.api_hash_env)
        if variable is not None and not environment.get(variable, "").strip()
    ]
    if source.session is not None:
        session = Path(source.session.removesuffix(".session") + ".session")
        if not session.is_file():
            problems.append(Problem(source.name, f'there is no "{session}"', "sign in once"))
    package = "trafilatura" if source.full_text else _PACKAGES.get(source.kind)
    if package is not None and not _can_import(package):
        mend = f"pip install 'lightkeeper[{_EXTRAS[package]}]'"
        problems.append(Problem(source.name, f"{package} is not installed", mend))
    return problems


def _can_import(package: str) -> bool:
    """Whether a package is there with all that it needs itself."""
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


def _read_source(
    row: Mapping[str, object], where: str, problems: list[Problem]
) -> SourceSettings | None:
    known = [f.name for f in fields(SourceSettings)]
    for name in row:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            mend = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known)}"
            problems.append(Problem(where, f"{name}: there is no such setting", mend))
    try:
        read = TypeAdapter(SourceSettings).validate_python(
            {name: value for name, value in row.items() if name in known}
        )
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"]) or "name"
            problems.append(Problem(where, f"{name}: {fault['msg']}", "see the how-to of sources"))
        return None
    if "every_s" not in row:
        read = replace(read, every_s=EVERY_S.get(read.kind, read.every_s))
    if "max_mb" not in row and read.kind in _FILES:
        read = replace(read, max_mb=FILE_MB)
    if read.url is None and read.kind in URLS:
        read = replace(read, url=URLS[read.kind])
    return read


def _check(source: SourceSettings, where: str, problems: list[Problem]) -> None:
    def complain(what: str, mend: str) -> None:
        problems.append(Problem(where, what, mend))

    if not source.name.strip() or len(source.name) > MAX_NAME:
        complain("the name is empty or too long", f"give it up to {MAX_NAME} characters")
    if source.kind is SourceKind.MANUAL:
        complain("reports by hand need no source", "leave it out; use the page or the API")
        return
    for name in _NEEDS.get(source.kind, ()):
        if not getattr(source, name):
            complain(f"{name} is missing", f"a source of kind {source.kind} needs it")
    if source.kind in _LISTS and (source.path is None) == (source.url is None):
        complain("it needs a path or a url, one of the two", "give the file or its address")
    if source.every_s < LEAST_EVERY_S:
        complain(f"every_s is {source.every_s:g}", f"give {LEAST_EVERY_S:g} or more")
    limits = (source.timeout_s, source.max_mb, source.last, source.silent_after_h or 1.0)
    if min(limits) <= 0:
        complain("timeout_s, max_mb, last and silent_after_h are above 0", "mend the one at fault")
    if source.url is not None and source.kind is not SourceKind.TELEGRAM_LIVE:
        _check_url(source, source.url, complain)


def _check_url(source: SourceSettings, url: str, complain: _Complain) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        complain("the url cannot be read", "write it like https://example.org/feed")
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        complain("the url is no web address", "write it like https://example.org/feed")
    if parts.username is not None or _KEYS & parse_qs(parts.query).keys():
        complain("the url holds a key", "name the variable that holds it in token_env")
    has_key = source.token_env is not None or source.kind in ALERT_KINDS
    if has_key and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        complain("the key would travel unencrypted", "write https://")


def _beside(source: SourceSettings, folder: Path) -> SourceSettings:
    """Take relative paths from the folder of the file."""

    def full(path: str | None) -> str | None:
        return None if path is None else str(folder / path)

    return replace(
        source,
        path=full(source.path),
        session=full(source.session),
        regions=full(source.regions),
    )

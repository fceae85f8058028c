"""One look at a source, whatever its kind: `look(source, previous, now, tools)`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from lightkeeper.errors import ReportUnreadable
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports.alert_text import find_changes
from lightkeeper.reports.alerts import (
    ActiveAlerts,
    Within,
    read_alerts_in_ua,
    read_regions,
    read_statuses,
    read_ukraine_alarm,
)
from lightkeeper.reports.article import read_article, require_reader
from lightkeeper.reports.download import (
    Download,
    Downloader,
    DownloadOptions,
    Validators,
    download,
    show_url,
)
from lightkeeper.reports.feed import Entry, read_feed
from lightkeeper.reports.model import MediaType, Report
from lightkeeper.reports.read import cover, make_report, refuse_long, report_of_message
from lightkeeper.reports.source import (
    Previous,
    ReceivedList,
    SourceBatch,
    SourceFailed,
    SourceKind,
    SourceSettings,
)
from lightkeeper.reports.telegram import Chat
from lightkeeper.reports.telegram_live import LiveClient, open_client, read_channel
from lightkeeper.reports.telegram_page import read_channel_page
from lightkeeper.reports.watch import watch_files
from lightkeeper.reports.webpage import declared_charset

MAX_ARTICLES = 10
"""Articles fetched at one look at a feed; the rest come at the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a look needs of the world; tests give their own.

    `secrets` maps names of environment variables to their values.
    """

    gazetteer: Gazetteer
    secrets: Mapping[str, str]
    download: Downloader = download
    open_telegram: Callable[[str, str, str], LiveClient] = open_client


def look(source: SourceSettings, previous: Previous, now: datetime, tools: Tools) -> SourceBatch:
    """Ask a source what it has.

    Raises
    ------
    SourceFailed
        It does not answer as it should.
    InputError
        What it sends cannot be read, or an optional package is missing.
    """
    batch = _look(source, previous, now, tools)
    if source.speaks_for is None:
        return batch
    reports = tuple(replace(r, speaks_for=source.speaks_for) for r in batch.reports)
    return replace(batch, reports=reports)


def _look(source: SourceSettings, previous: Previous, now: datetime, tools: Tools) -> SourceBatch:
    match source.kind:
        case SourceKind.FILES | SourceKind.TELEGRAM_EXPORT:
            return watch_files(source, previous.cursor, now)
        case SourceKind.TELEGRAM_PAGE:
            return _telegram_page(source, previous, tools)
        case SourceKind.TELEGRAM_LIVE:
            return _telegram_live(source, tools)
        case SourceKind.FEED:
            return _feed(source, previous, tools)
        case SourceKind.ARTICLE:
            return _article(source, previous, tools)
        case SourceKind.ALERTS_IN_UA:
            return _alerts(source, previous, now, tools, read_alerts_in_ua)
        case SourceKind.ALERTS_IN_UA_STATUSES:
            return _alerts(source, previous, now, tools, read_statuses)
        case SourceKind.UKRAINE_ALARM:
            return _alerts(source, previous, now, tools, _ukraine_alarm_reader(source))
        case SourceKind.FEEDERS | SourceKind.CALLS | SourceKind.INSPECTIONS:
            return _list(source, previous, tools)
        case SourceKind.MANUAL:
            raise SourceFailed("reports entered by hand are not asked for")


def _telegram_page(source: SourceSettings, previous: Previous, tools: Tools) -> SourceBatch:
    got, where = _download(source, previous, tools), show_url(source.url or "")
    if got.data is None:
        return SourceBatch(cursor=previous.cursor, is_live=True)
    return _batch_of_chat(source, read_channel_page(_decode(got, where), where=where), _cursor(got))


def _telegram_live(source: SourceSettings, tools: Tools) -> SourceBatch:
    api_id, api_hash = (_secret(name, tools) for name in (source.api_id_env, source.api_hash_env))
    chat = read_channel(
        lambda: tools.open_telegram(source.session or "", api_id, api_hash),
        source.url or "",
        last=source.last,
        timeout_s=source.timeout_s,
    )
    return _batch_of_chat(source, chat, "")


def _batch_of_chat(source: SourceSettings, chat: Chat, cursor: str) -> SourceBatch:
    if source.channel is not None:
        messages = tuple(replace(m, chat=source.channel) for m in chat.messages)
        chat = replace(chat, messages=messages)
    return SourceBatch(
        reports=tuple(report_of_message(source.name, m) for m in chat.messages),
        coverage=cover(source.name, chat.present),
        cursor=cursor,
        is_live=True,
    )


def _feed(source: SourceSettings, previous: Previous, tools: Tools) -> SourceBatch:
    got, where = _download(source, previous, tools), show_url(source.url or "")
    if got.data is None:
        return SourceBatch(cursor=previous.cursor)
    content = read_feed(got.data, where=where, charset=got.charset)
    reports: list[Report] = []
    problems: list[str] = []
    n_fetched = 0
    for entry in content.entries:
        held = previous.posts.get(entry.item)
        if source.full_text and held is not None and not _is_newer(entry, held):
            continue
        text = entry.text
        if source.full_text and entry.link:
            if n_fetched == MAX_ARTICLES:
                continue
            n_fetched += 1
            try:
                text = _read_link(source, entry.link, tools)
            except (SourceFailed, ReportUnreadable) as error:
                problems.append(str(error))
        try:
            reports.append(_report_of_entry(source, entry, text, content.title))
        except ReportUnreadable as error:
            problems.append(str(error))
    # While articles are left over, the feed is asked for whole again.
    cursor = "" if n_fetched == MAX_ARTICLES else _cursor(got)
    return SourceBatch(reports=tuple(reports), cursor=cursor, problems=tuple(problems))


def _is_newer(entry: Entry, held: Report) -> bool:
    return entry.updated_at is not None and entry.updated_at > (
        held.edited_at or held.published_at or entry.updated_at
    )


def _report_of_entry(source: SourceSettings, entry: Entry, text: str, title: str | None) -> Report:
    is_edited = entry.updated_at is not None and entry.updated_at != entry.published_at
    return make_report(
        source.name,
        refuse_long(source.name, text),
        channel=source.channel or title,
        published_at=entry.published_at or entry.updated_at,
        title=entry.title,
        item=entry.item,
        is_edited=is_edited and entry.published_at is not None,
        edited_at=entry.updated_at if is_edited and entry.published_at is not None else None,
        media_type=MediaType.HTML,
    )


def _read_link(source: SourceSettings, url: str, tools: Tools) -> str:
    if not url.startswith(("http://", "https://")):
        raise SourceFailed(f"the feed links to {show_url(url)}, which is no web page")
    options = DownloadOptions(timeout_s=source.timeout_s, max_bytes=source.max_bytes)
    got = tools.download(url, Validators(), options)
    return read_article(_decode(got, show_url(url)), where=show_url(url)).text


def _article(source: SourceSettings, previous: Previous, tools: Tools) -> SourceBatch:
    require_reader()
    got, where = _download(source, previous, tools), show_url(source.url or "")
    if got.data is None:
        return SourceBatch(cursor=previous.cursor, is_live=True)
    article = read_article(_decode(got, where), where=where)
    report = make_report(
        source.name,
        refuse_long(source.name, article.text),
        channel=source.channel or article.site,
        published_at=article.published_at,
        title=article.title,
        item=where,
        media_type=MediaType.HTML,
    )
    return SourceBatch(reports=(report,), cursor=_cursor(got), is_live=True)


ALERT_CHANNELS = {
    SourceKind.ALERTS_IN_UA: "Повітряна тривога (alerts.in.ua)",
    SourceKind.ALERTS_IN_UA_STATUSES: "Повітряна тривога (alerts.in.ua)",
    SourceKind.UKRAINE_ALARM: "Повітряна тривога (Ukraine Alarm)",
}


def _alerts(
    source: SourceSettings,
    previous: Previous,
    now: datetime,
    tools: Tools,
    read: Callable[[str, str], ActiveAlerts],
) -> SourceBatch:
    got, where = _download(source, previous, tools), show_url(source.url or "")
    if got.data is None:
        return SourceBatch(cursor=previous.cursor, is_live=True)
    active = read(_decode(got, where), where)
    reports = find_changes(
        active.alerts,
        previous.posts,
        feed=source.kind.value,
        source=source.name,
        channel=source.channel or ALERT_CHANNELS[source.kind],
        seen_at=now,
        gazetteer=tools.gazetteer,
        is_whole=not active.problems,
    )
    # An answer that could not be read whole is asked for again, even if it stays the same.
    return SourceBatch(
        reports=tuple(reports),
        cursor="" if active.problems else _cursor(got),
        problems=active.problems,
        is_live=True,
    )


def _ukraine_alarm_reader(source: SourceSettings) -> Callable[[str, str], ActiveAlerts]:
    regions: Mapping[str, Within] = {}
    if source.regions is not None:
        try:
            text = Path(source.regions).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceFailed(f'the regions "{source.regions}" cannot be read: {error}') from error
        regions = read_regions(text, source.regions)
    return lambda text, where: read_ukraine_alarm(text, where, regions)


def _list(source: SourceSettings, previous: Previous, tools: Tools) -> SourceBatch:
    """A list of an operator, from a file or an address; unchanged ones are not read again."""
    if source.path is not None:
        path = Path(source.path)
        try:
            if path.stat().st_size > source.max_bytes:
                raise SourceFailed(f'"{path}" has more than {source.max_bytes} bytes')
            data, name = path.read_bytes(), path.name
        except OSError as error:
            raise SourceFailed(f'"{path}": {error.strerror or error}') from error
        text, cursor = _to_text(data, None, f'"{path}"'), ""
    else:
        got, where = _download(source, previous, tools), show_url(source.url or "")
        if got.data is None:
            return SourceBatch(cursor=previous.cursor)
        name = where.rpartition("/")[2] or source.name
        text, cursor = _decode(got, where), _cursor(got)
    return SourceBatch(lists=(ReceivedList(name, text),), cursor=cursor)


# ---------------------------------------------------------------------- what they share


def _download(source: SourceSettings, previous: Previous, tools: Tools) -> Download:
    headers = {}
    if source.token_env is not None:
        token = _secret(source.token_env, tools)
        is_plain = source.kind is SourceKind.UKRAINE_ALARM
        headers["Authorization"] = token if is_plain else f"Bearer {token}"
    held = Validators(**json.loads(previous.cursor)) if previous.cursor else Validators()
    options = DownloadOptions(
        timeout_s=source.timeout_s, max_bytes=source.max_bytes, headers=headers
    )
    return tools.download(source.url or "", held, options)


def _secret(name: str | None, tools: Tools) -> str:
    value = tools.secrets.get(name or "", "").strip()
    if not value:
        raise SourceFailed(f"the environment variable {name} is not set; it holds the key")
    return value


def _cursor(got: Download) -> str:
    return json.dumps(asdict(got.validators))


def _decode(got: Download, where: str) -> str:
    data = got.data or b""
    return _to_text(data, got.charset or declared_charset(data), where)


def _to_text(data: bytes, charset: str | None, where: str) -> str:
    try:
        return data.decode(charset or "utf-8-sig")
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceFailed(
            f"{where}: what came is no {(charset or 'utf-8').upper()} text"
        ) from error

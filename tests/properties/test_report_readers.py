"""Whatever a source sends is read, named as a problem, or refused: nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightkeeper.claims.records import read_record
from lightkeeper.errors import ReportUnreadable
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import Report
from lightkeeper.reports.alert_text import find_changes
from lightkeeper.reports.alerts import (
    ActiveAlerts,
    read_alerts_in_ua,
    read_regions,
    read_statuses,
    read_ukraine_alarm,
)
from lightkeeper.reports.feed import read_feed
from lightkeeper.reports.telegram import read_export
from lightkeeper.reports.telegram_page import read_channel_page

NOW = datetime(2026, 1, 10, 4, 30, tzinfo=UTC)
ALERT = {
    "id": 8757,
    "location_title": "Ізюмський район",
    "location_type": "raion",
    "started_at": "2026-01-10T04:10:12.000Z",
    "finished_at": None,
    "alert_type": "air_raid",
    "location_uid": "126",
    "location_oblast": "Харківська область",
    "location_raion": None,
}
ACTIVE = {
    "regionId": "126",
    "regionType": "District",
    "type": "AIR",
    "lastUpdate": "2026-01-10T04:10Z",
}
REGION: dict[str, object] = {
    **ACTIVE,
    "regionName": "Ізюмський район",
    "activeAlerts": [ACTIVE],
}
MESSAGE = {
    "id": 5,
    "type": "message",
    "date_unixtime": "1768018200",
    "edited_unixtime": "1768018800",
    "forwarded_from": None,
    "reply_to_message_id": 3,
    "text": ["Світло ", {"type": "bold", "text": "є"}],
}

Result = TypeVar("Result")


def read_or_refuse(read: Callable[[], Result]) -> Result | None:
    """What was read, None where it was refused; any other error is a fault of the reader."""
    try:
        return read()
    except ReportUnreadable:
        return None


leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
anything = st.recursive(
    leaf,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def spoilt(valid: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    """A record with some of its values put otherwise, and some left out."""
    changes = st.dictionaries(st.sampled_from(sorted(valid)), anything, max_size=3)
    gone = st.sets(st.sampled_from(sorted(valid)), max_size=2)
    return st.builds(
        lambda new, out: {k: v for k, v in {**valid, **new}.items() if k not in out}, changes, gone
    )


def records(valid: dict[str, object]) -> st.SearchStrategy[list[object]]:
    return st.lists(spoilt(valid) | anything, max_size=4)


quickly = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def follow(active: ActiveAlerts, gazetteer: Gazetteer) -> None:
    """What was read becomes reports, their claims quote them, and all of it ends again."""
    posts: dict[str, Report] = {}
    for alerts in (active.alerts, ()):
        reports = find_changes(
            alerts,
            posts,
            feed="feed",
            source="alarms",
            channel="Повітряна тривога",
            seen_at=NOW,
            gazetteer=gazetteer,
            is_whole=True,
        )
        for report in reports:
            for claim in read_record(report, gazetteer):
                assert report.text[claim.span.start : claim.span.end] == claim.span.text
        posts = {r.item: r for r in reports if r.item is not None}


@quickly
@given(records(ALERT))
def test_alerts_in_ua(gazetteer: Gazetteer, rows: list[object]) -> None:
    active = read_alerts_in_ua(json.dumps({"alerts": rows}), "feed")
    assert len(active.alerts) + len(active.problems) <= len(rows)
    follow(active, gazetteer)


@quickly
@given(records(REGION))
def test_ukraine_alarm(gazetteer: Gazetteer, rows: list[object]) -> None:
    follow(read_ukraine_alarm(json.dumps(rows), "feed"), gazetteer)


@quickly
@given(st.text(alphabet="ANP ?x", max_size=30))
def test_statuses(gazetteer: Gazetteer, letters: str) -> None:
    active = read_or_refuse(lambda: read_statuses(json.dumps(letters), "feed"))
    assert (active is None) == (len(letters) != 27)
    if active is None:
        return
    assert len(active.alerts) == sum(c in "AP" for c in letters)
    assert len(active.problems) == sum(c in "?x" for c in letters)
    follow(active, gazetteer)


@quickly
@given(st.text(max_size=60) | anything.map(json.dumps))
@pytest.mark.parametrize(
    "read", [read_alerts_in_ua, read_statuses, read_ukraine_alarm, read_regions]
)
def test_any_answer_is_read_or_refused(read: Callable[[str, str], object], text: str) -> None:
    read_or_refuse(lambda: read(text, "feed"))


@quickly
@given(records(MESSAGE), anything)
def test_exports(rows: list[object], name: object) -> None:
    text = json.dumps({"name": name, "messages": rows})
    chats = read_or_refuse(lambda: read_export(text, where="result.json")) or []
    assert all(message.text.strip() for chat in chats for message in chat.messages)


PAGE = (
    '<html><body><div class="tgme_widget_message" data-post="lubny/11"><div '
    'class="tgme_widget_message_text js-message_text">Світло <b>є</b></div><a '
    'class="tgme_widget_message_date"><time datetime="2026-01-10T04:10:00+00:00"></time></a></div>'
    "</body></html>"
)
FEED = (
    '<rss version="2.0"><channel><title>T</title><item><title>Світло</title><guid>1</guid>'
    "<pubDate>Sat, 10 Jan 2026 06:10:00 +0200</pubDate><description>&lt;p&gt;є</description></item>"
    "</channel></rss>"
)


def cuts(text: str) -> st.SearchStrategy[str]:
    """The text with a stretch of it put otherwise."""
    at = st.integers(0, len(text))
    return st.builds(
        lambda a, b, new: text[: min(a, b)] + new + text[max(a, b) :], at, at, st.text(max_size=20)
    )


@quickly
@given(cuts(PAGE))
def test_channel_pages(page: str) -> None:
    chat = read_or_refuse(lambda: read_channel_page(page, where="page"))
    assert chat is None or all(
        int(m.item) in chat.present and m.published_at for m in chat.messages
    )


@quickly
@given(cuts(FEED).map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=80))
def test_feeds(data: bytes) -> None:
    content = read_or_refuse(lambda: read_feed(data, where="feed"))
    assert content is None or all(entry.text and entry.item for entry in content.entries)

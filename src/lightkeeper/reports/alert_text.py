"""Changes in a feed of air alerts as reports: the feed's own record with what was noticed of it.

The text of such a report is JSON with the record to the letter, so that a claim can quote it:

    {"feed": ..., "event": "started", "seen_at": ..., <what the record says, in one vocabulary>,
     "alert": <the feed's record>, "still_active": []}

At the end of an alert the record is the last one seen, and `still_active` holds what goes on in the
same oblast: a raion's all-clear is none while its oblast is under alarm, and the other way round.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode, PlaceLevel
from lightkeeper.reports.alerts import Alert
from lightkeeper.reports.model import MediaType, Report
from lightkeeper.reports.read import make_report

ENDED = "/ended"
_RECORD = '"alert": '
_STILL_ACTIVE = ', "still_active": ['
_HROMADA = re.compile(r"[\w'’ʼ-]+(?: (?:міська|селищна|сільська))?(?: територіальна)? громада")
_LEVELS = {
    "oblast": (PlaceLevel.OBLAST, PlaceLevel.SETTLEMENT),
    "raion": (PlaceLevel.RAION,),
    "hromada": (PlaceLevel.HROMADA,),
    "city": (PlaceLevel.SETTLEMENT, PlaceLevel.HROMADA),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """What the text of such a report says. `still_active` have their place in the text too."""

    feed: str
    is_start: bool
    seen_at: datetime
    alert: Alert
    span: tuple[int, int]
    still_active: tuple[tuple[Alert, tuple[int, int]], ...]


def find_changes(
    active: Sequence[Alert],
    posts: Mapping[str, Report],
    *,
    feed: str,
    source: str,
    channel: str,
    seen_at: datetime,
    gazetteer: Gazetteer,
    is_whole: bool,
) -> list[Report]:
    """Return a report for each alert that began or ended since the posts held were made.

    Parameters
    ----------
    posts
        Those of this source, by item.
    is_whole
        The whole list could be read. Otherwise nothing is taken to have ended.
    """
    before = _open_before(posts)
    now = {alert.key: alert for alert in active}
    reports = [
        _report(alert, True, (), feed, source, channel, seen_at, _item(alert, seen_at, posts))
        for alert in active
        if alert.key not in before or _is_another(alert, before[alert.key][1])
    ]
    if is_whole:
        for key, (item, alert) in before.items():
            if key not in now or _is_another(now[key], alert):
                near = [other for other in active if _is_same_oblast(alert, other, gazetteer)]
                reports.append(
                    _report(alert, False, near, feed, source, channel, seen_at, item + ENDED)
                )
    return reports


def read_change(text: str) -> AlertChange:
    """Read the text of such a report back, with where each record stands in it.

    Raises
    ------
    ValueError
        The text is none.
    """
    said = json.loads(text)
    position = text.index(_RECORD) + len(_RECORD)
    alert, span = _alert_at(text, position, said)
    near: list[tuple[Alert, tuple[int, int]]] = []
    position = span[1]
    for other in said["still_active"]:
        position = text.index(_RECORD, position) + len(_RECORD)
        near.append(_alert_at(text, position, other))
        position = near[-1][1][1]
    return AlertChange(
        feed=said["feed"],
        is_start=said["event"] == "started",
        seen_at=datetime.fromisoformat(said["seen_at"]),
        alert=alert,
        span=span,
        still_active=tuple(near),
    )


def place_of(alert: Alert, gazetteer: Gazetteer) -> tuple[PlaceCode, PlaceLevel] | None:
    """Return the place of an alert; None where its name fits no place, or several."""
    levels = _LEVELS.get(alert.level)
    if levels is None:
        return None
    title = alert.title
    if alert.level == "hromada" and (match := _HROMADA.search(title)):
        title = match.group()
    within: PlaceCode | None = None
    if alert.oblast and alert.level != "oblast":
        oblasts = gazetteer.find(alert.oblast, levels=_LEVELS["oblast"])
        within = oblasts[0].code if oblasts else None
    found = gazetteer.find(title, within=within, levels=levels)
    if len(found) > 1 and alert.raion:
        raions = gazetteer.find(alert.raion, within=within, levels=_LEVELS["raion"])
        found = [p for p in found if any(gazetteer.contains(r.code, p.code) for r in raions)]
    if alert.level == "oblast":
        # A village may be spelt like an oblast or like Kyiv; only these stand for themselves.
        found = [
            p for p in found if p.level is PlaceLevel.OBLAST or gazetteer.is_special_city(p.code)
        ]
    return (found[0].code, found[0].level) if len(found) == 1 else None


def _open_before(posts: Mapping[str, Report]) -> dict[str, tuple[str, Alert]]:
    """Alerts begun and not ended, by key: the item and what it said."""
    found: dict[str, tuple[str, Alert]] = {}
    for item, report in posts.items():
        is_start = report.media_type is MediaType.ALERT and not item.endswith(ENDED)
        if is_start and item + ENDED not in posts:
            alert = read_change(report.text).alert
            found[alert.key] = (item, alert)
    return found


def _is_another(now: Alert, before: Alert) -> bool:
    """Whether an alert ended and another began between two looks, by the feed's own number."""
    return now.number.isdecimal() and now.number != before.number


def _item(alert: Alert, seen_at: datetime, posts: Mapping[str, Report]) -> str:
    """Its number, or when it was seen where it has none or is listed again after it was not."""
    item = f"{alert.key}@{alert.number}"
    return item if alert.started_at and item not in posts else f"{item}@{seen_at.isoformat()}"


def _is_same_oblast(a: Alert, b: Alert, gazetteer: Gazetteer) -> bool:
    first, second = _oblast_of(a, gazetteer), _oblast_of(b, gazetteer)
    # What cannot be placed may lie anywhere.
    return first is None or second is None or first == second


def _oblast_of(alert: Alert, gazetteer: Gazetteer) -> PlaceCode | None:
    place = place_of(alert, gazetteer)
    if place is None:
        return None
    above = gazetteer.level_up(place[0], PlaceLevel.OBLAST)
    return above.code if above else None


def _report(
    alert: Alert,
    is_start: bool,
    near: Iterable[Alert],
    feed: str,
    source: str,
    channel: str,
    seen_at: datetime,
    item: str,
) -> Report:
    event = {"feed": feed, "event": "started" if is_start else "ended"}
    head = _words({**event, "seen_at": seen_at.isoformat(), **_said(alert)})
    others = ", ".join(f"{_words(_said(o))}, {_RECORD}{o.record}}}" for o in near)
    return make_report(
        source,
        f"{head}, {_RECORD}{alert.record}{_STILL_ACTIVE}{others}]}}",
        channel=channel,
        title=f"{alert.title}: {'тривога' if is_start else 'відбій'}",
        # When the list said so: an alert listed late must not stand before an end noticed earlier.
        published_at=seen_at,
        item=item,
        media_type=MediaType.ALERT,
        detect_language=lambda _: None,
    )


def _words(said: Mapping[str, object]) -> str:
    """JSON of an object, left open at its end."""
    return json.dumps(said, ensure_ascii=False).removesuffix("}")


def _said(alert: Alert) -> dict[str, object]:
    started = alert.started_at
    return {
        "key": alert.key,
        "number": alert.number,
        "title": alert.title,
        "level": alert.level,
        "oblast": alert.oblast,
        "raion": alert.raion,
        "type": alert.alert_type,
        "part": alert.part,
        "started_at": None if started is None else started.isoformat(),
    }


def _alert_at(
    text: str, position: int, said: Mapping[str, object]
) -> tuple[Alert, tuple[int, int]]:
    _, end = json.JSONDecoder().raw_decode(text, position)
    started, oblast, raion, part = (
        said[name] for name in ("started_at", "oblast", "raion", "part")
    )
    alert = Alert(
        key=str(said["key"]),
        number=str(said["number"]),
        title=str(said["title"]),
        level=str(said["level"]),
        oblast=None if oblast is None else str(oblast),
        alert_type=str(said["type"]),
        started_at=None if started is None else datetime.fromisoformat(str(started)),
        record=text[position:end],
        raion=None if raion is None else str(raion),
        part=None if part is None else str(part),
    )
    return alert, (position, end)

"""Feeds of air alerts: what is active now, in the formats of alerts.in.ua and Ukraine Alarm.

A feed lists what is active; it does not say what ended. So a change is the difference to what was
active before, and it is noticed only where the whole list could be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lightkeeper.errors import ReportUnreadable

STATUS_LOCATIONS = (
    "Автономна Республіка Крим",
    "Волинська область",
    "Вінницька область",
    "Дніпропетровська область",
    "Донецька область",
    "Житомирська область",
    "Закарпатська область",
    "Запорізька область",
    "Івано-Франківська область",
    "м. Київ",
    "Київська область",
    "Кіровоградська область",
    "Луганська область",
    "Львівська область",
    "Миколаївська область",
    "Одеська область",
    "Полтавська область",
    "Рівненська область",
    "м. Севастополь",
    "Сумська область",
    "Тернопільська область",
    "Харківська область",
    "Херсонська область",
    "Хмельницька область",
    "Черкаська область",
    "Чернівецька область",
    "Чернігівська область",
)
"""Order of the letters in the compact answer of alerts.in.ua, oblast by oblast."""

ALERT_TYPES = {
    "air_raid": "air_alarm",
    "air": "air_alarm",
    "artillery_shelling": "artillery",
    "artillery": "artillery",
    "urban_fights": "urban_fights",
    "chemical": "chemical",
    "nuclear": "nuclear",
}
NO_ALARM = frozenset({"info"})
"""Entries of Ukraine Alarm that tell something and sound no alarm."""

_LEVELS = {"state": "oblast", "district": "raion", "community": "hromada"}
MAX_ALERTS = 20_000
"""Oblasts, raions and hromadas of the country, each under every type of alert, are fewer."""

MEND_ALERTS = "compare the answer with the API's description; its format may have changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert that a feed lists as active.

    `key` is its location and type: one alert at a time. `level` is "oblast", "raion", "hromada" or
    "city", as the feed says. `part` is set where only a part of the location is under alarm and the
    feed does not say which. `record` is the feed's own words for it, to the letter.
    """

    key: str
    number: str
    title: str
    level: str
    oblast: str | None
    alert_type: str
    started_at: datetime | None
    record: str
    raion: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class ActiveAlerts:
    """Everything active, and what could not be read of it; then what ended cannot be told."""

    alerts: tuple[Alert, ...]
    problems: tuple[str, ...]


def read_alerts_in_ua(text: str, where: str) -> ActiveAlerts:
    """Read `/v1/alerts/active.json` of alerts.in.ua.

    Raises
    ------
    ReportUnreadable
        Not JSON, or without the list "alerts".
    """
    answer = _parse(text, where)
    if not isinstance(answer, dict) or not isinstance(answer.get("alerts"), list):
        raise ReportUnreadable(where, 'the answer has no list "alerts"', MEND_ALERTS)
    found: list[Alert] = []
    problems: list[str] = []
    for row, (record, alert) in enumerate(_elements(text, answer["alerts"], "alerts")):
        try:
            if alert.get("finished_at"):
                continue
            uid, kind = _need(alert, "location_uid"), _need(alert, "alert_type").lower()
            found.append(
                Alert(
                    key=f"{uid}:{kind}",
                    number=_need(alert, "id"),
                    title=_need(alert, "location_title"),
                    level=_need(alert, "location_type").lower(),
                    oblast=_text(alert, "location_oblast"),
                    alert_type=ALERT_TYPES.get(kind, kind),
                    started_at=_instant(_need(alert, "started_at")),
                    record=record,
                    raion=_text(alert, "location_raion"),
                )
            )
        except ValueError as error:
            problems.append(f"{where}, alert {row}: {error}")
    return ActiveAlerts(tuple(found), tuple(problems))


def read_statuses(text: str, where: str) -> ActiveAlerts:
    """Read `/v1/iot/active_air_raid_alerts_by_oblast.json`: a letter for each oblast.

    A: alert in the whole oblast, P: in a part of it, N or a blank: none. The answer gives no times.

    Raises
    ------
    ReportUnreadable
        Not one string of 27 letters.
    """
    answer = _parse(text, where)
    if not isinstance(answer, str) or len(answer) != len(STATUS_LOCATIONS):
        n = len(STATUS_LOCATIONS)
        raise ReportUnreadable(where, f"the answer is no text of {n} letters", MEND_ALERTS)
    found: list[Alert] = []
    problems: list[str] = []
    for position, (letter, title) in enumerate(zip(answer, STATUS_LOCATIONS, strict=True)):
        if letter in "N ":
            continue
        if letter not in "AP":
            problems.append(f"{where}: the letter of {title} is {letter!r}, not A, P or N")
            continue
        record = {"statuses": answer, "position": position, "status": letter, "location": title}
        found.append(
            Alert(
                key=f"{position}:{letter}",
                number=letter,
                title=title,
                level="oblast",
                oblast=title,
                alert_type="air_alarm",
                started_at=None,
                record=json.dumps(record, ensure_ascii=False),
                part="part" if letter == "P" else None,
            )
        )
    return ActiveAlerts(tuple(found), tuple(problems))


@dataclass(frozen=True, slots=True)
class Within:
    """Names of the oblast and the raion in which something lies, None where not known."""

    oblast: str | None = None
    raion: str | None = None


def read_ukraine_alarm(
    text: str, where: str, regions: Mapping[str, Within] | None = None
) -> ActiveAlerts:
    """Read `/api/v3/alerts` of Ukraine Alarm: regions, each with what is active there.

    Parameters
    ----------
    regions
        Where a raion or hromada lies, by its id (`read_regions`); the answer itself does not say.

    Raises
    ------
    ReportUnreadable
        Not JSON, or no list of regions.
    """
    answer = _parse(text, where)
    if not isinstance(answer, list):
        raise ReportUnreadable(where, "the answer is no list of regions", MEND_ALERTS)
    found: list[Alert] = []
    problems: list[str] = []
    for row, (record, region) in enumerate(_elements(text, answer, None)):
        try:
            uid, title = _need(region, "regionId"), _need(region, "regionName")
            level = _LEVELS.get(_need(region, "regionType").lower(), "unknown")
            within = (regions or {}).get(uid, Within())
            active = region.get("activeAlerts")
            if not isinstance(active, list) or not all(isinstance(a, dict) for a in active):
                raise ValueError('"activeAlerts" is no list')
            for alert in active:
                kind = _need(alert, "type").lower()
                if kind in NO_ALARM:
                    continue
                found.append(
                    Alert(
                        key=f"{uid}:{kind}",
                        number=_need(alert, "lastUpdate"),
                        title=title,
                        level=level,
                        oblast=title if level == "oblast" else within.oblast,
                        alert_type=ALERT_TYPES.get(kind, kind),
                        started_at=_instant(_need(alert, "lastUpdate")),
                        record=record,
                        raion=within.raion,
                    )
                )
        except ValueError as error:
            problems.append(f"{where}, region {row}: {error}")
    return ActiveAlerts(tuple(found), tuple(problems))


def read_regions(text: str, where: str) -> dict[str, Within]:
    """Read `/api/v3/regions` of Ukraine Alarm: where each region lies, by its id.

    Raises
    ------
    ReportUnreadable
        Not JSON, or without the tree "states".
    """
    answer = _parse(text, where)
    states = answer.get("states") if isinstance(answer, dict) else None
    if not isinstance(states, list):
        raise ReportUnreadable(where, 'it has no list "states"', MEND_ALERTS)
    found: dict[str, Within] = {}
    for state in states:
        for district in _children(state):
            found[str(district.get("regionId"))] = Within(_text(state, "regionName"))
            for community in _children(district):
                found[str(community.get("regionId"))] = Within(
                    _text(state, "regionName"), _text(district, "regionName")
                )
    return found


def _children(region: object) -> list[Mapping[str, object]]:
    children = region.get("regionChildIds") if isinstance(region, Mapping) else None
    return [c for c in children if isinstance(c, Mapping)] if isinstance(children, list) else []


def _parse(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ReportUnreadable(where, "the answer is no JSON", MEND_ALERTS) from error


def _elements(
    text: str, values: Sequence[object], name: str | None
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each element of a list with its own text, to the letter.

    Raises `ReportUnreadable` where there are more than the country has places.
    """
    if len(values) > MAX_ALERTS:
        raise ReportUnreadable("the answer", f"it lists {len(values)} alerts", MEND_ALERTS)
    decoder = json.JSONDecoder()
    opening = r"\s*\[" if name is None else rf'"{name}"\s*:\s*\['
    start = re.search(opening, text)
    position = start.end() if start else 0
    for value in values:
        while text[position : position + 1] in set(" \t\r\n,"):
            position += 1
        try:
            found, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            found, end = None, position
        record = text[position:end] if found == value else json.dumps(value)
        position = end
        yield record, value if isinstance(value, Mapping) else {}


def _need(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f'"{name}" is {json.dumps(value)[:40]}')
    return _whole(str(value).strip())


def _text(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    return _whole(value.strip()) or None if isinstance(value, str) else None


def _whole(text: str) -> str:
    """The text; half of a surrogate pair in it is a ValueError."""
    text.encode("utf-8")
    return text


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"the time {text[:40]!r} has no offset")
    return at.astimezone(UTC)

"""Claims of changes in feeds of air alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from lightkeeper.claims import Claim, ClaimKind
from lightkeeper.claims.records import read_record
from lightkeeper.incidents import reconcile
from lightkeeper.region import Gazetteer
from lightkeeper.reports import MediaType, Report
from lightkeeper.reports.alert_text import find_changes
from lightkeeper.reports.alerts import STATUS_LOCATIONS, read_alerts_in_ua, read_statuses

NOW = datetime(2026, 1, 10, 4, 30, tzinfo=UTC)
KHARKIV, IZIUM = "UA63000000000041885", "UA63040000000023521"


def alert(
    number: int, uid: str, level: str, title: str, kind: str = "air_raid"
) -> dict[str, object]:
    return {
        "id": number,
        "location_uid": uid,
        "location_type": level,
        "location_title": title,
        "location_oblast": "Харківська область",
        "alert_type": kind,
        "started_at": "2026-01-10T04:10:12.000Z",
    }


OBLAST = alert(1, "22", "oblast", "Харківська область")
RAION = alert(2, "126", "raion", "Ізюмський район")


def follow(
    gazetteer: Gazetteer, *answers: str, is_statuses: bool = False, start: datetime = NOW
) -> list[Report]:
    """Reports of looks a minute apart, in the order they come."""
    posts: dict[str, Report] = {}
    out: list[Report] = []
    for i, text in enumerate(answers):
        active = read_statuses(text, "feed") if is_statuses else read_alerts_in_ua(text, "feed")
        reports = find_changes(
            active.alerts,
            posts,
            feed="alerts_in_ua",
            source="alarms",
            channel="Повітряна тривога (alerts.in.ua)",
            seen_at=start + timedelta(minutes=i),
            gazetteer=gazetteer,
            is_whole=True,
        )
        posts |= {r.item: r for r in reports if r.item is not None}
        out += reports
    return out


def answer(*alerts: object) -> str:
    return json.dumps({"alerts": alerts}, ensure_ascii=False)


def told(claims: list[Claim]) -> list[tuple[ClaimKind, str | None]]:
    return [(c.kind, c.places[0].code) for c in claims]


def test_the_start_of_an_alert_is_a_claim_of_its_place_and_time(gazetteer: Gazetteer) -> None:
    (report,) = follow(gazetteer, answer(RAION))
    (claim,) = read_record(report, gazetteer)
    assert report.media_type is MediaType.ALERT
    assert told([claim]) == [(ClaimKind.ALERT, IZIUM)]
    assert claim.alert_type == "air_alarm"
    assert claim.time is not None
    assert claim.time.from_at == datetime(2026, 1, 10, 4, 10, 12, tzinfo=UTC)
    assert report.text[claim.span.start : claim.span.end] == claim.span.text
    assert json.loads(claim.span.text) == RAION
    assert not claim.attribution.is_second_hand


def test_its_end_is_an_all_clear_of_when_it_was_noticed(gazetteer: Gazetteer) -> None:
    _, end = follow(gazetteer, answer(RAION), answer())
    (claim,) = read_record(end, gazetteer)
    assert told([claim]) == [(ClaimKind.ALL_CLEAR, IZIUM)]
    assert claim.time is not None
    assert claim.time.to_at == NOW + timedelta(minutes=1)


def test_a_raions_end_is_followed_by_the_alarm_of_its_oblast(gazetteer: Gazetteer) -> None:
    *_, end = follow(gazetteer, answer(OBLAST, RAION), answer(OBLAST))
    claims = read_record(end, gazetteer)
    assert told(claims) == [(ClaimKind.ALL_CLEAR, IZIUM), (ClaimKind.ALERT, KHARKIV)]
    assert claims[0].span.end < claims[1].span.start
    assert json.loads(claims[1].span.text) == OBLAST


def test_the_oblasts_end_is_followed_by_the_alarm_of_its_raion(gazetteer: Gazetteer) -> None:
    *_, end = follow(gazetteer, answer(OBLAST, RAION), answer(RAION))
    claims = read_record(end, gazetteer)
    assert told(claims) == [(ClaimKind.ALL_CLEAR, KHARKIV), (ClaimKind.ALERT, IZIUM)]


def statuses(letter: str) -> str:
    letters = ["N"] * len(STATUS_LOCATIONS)
    letters[STATUS_LOCATIONS.index("Харківська область")] = letter
    return json.dumps("".join(letters))


def test_alarm_in_a_part_is_told_as_such_and_clears_nothing(gazetteer: Gazetteer) -> None:
    reports = follow(gazetteer, statuses("A"), statuses("P"), statuses("N"), is_statuses=True)
    whole, part, whole_ends, part_ends = (read_record(r, gazetteer) for r in reports)
    assert told(whole) == [(ClaimKind.ALERT, KHARKIV)]
    assert [(c.kind, c.places[0].part) for c in part] == [(ClaimKind.ALERT, "part")]
    assert [(c.kind, c.places[0].part) for c in whole_ends] == [(ClaimKind.ALERT, "part")]
    assert told(part_ends) == [(ClaimKind.ALL_CLEAR, KHARKIV)]


def test_an_unknown_place_is_kept_by_its_name(gazetteer: Gazetteer) -> None:
    (report,) = follow(gazetteer, answer(alert(3, "9", "hromada", "Атлантида")))
    (claim,) = read_record(report, gazetteer)
    assert (claim.places[0].text, claim.places[0].code) == ("Атлантида", None)


def test_alerts_reach_the_incidents_as_a_relays_word(gazetteer: Gazetteer) -> None:
    reports = follow(gazetteer, answer(OBLAST), answer())
    claims = [c for r in reports for c in read_record(r, gazetteer)]
    (incident,) = reconcile(claims, reports, gazetteer).incidents
    assert incident.kind == "alert"
    assert [p.code for p in incident.places] == [KHARKIV]
    assert {c.kind for c in incident.claims} == {ClaimKind.ALERT, ClaimKind.ALL_CLEAR}
    assert incident.n_independent_sources == 1


def test_alerts_of_other_places_and_other_nights_are_other_incidents(gazetteer: Gazetteer) -> None:
    other = alert(3, "127", "raion", "Чугуївський район")
    again = RAION | {"id": 9, "started_at": "2026-01-11T04:10:12.000Z"}
    first = follow(gazetteer, answer(RAION), answer(RAION, other), answer(other), answer())
    night = follow(gazetteer, answer(again), answer(), start=NOW + timedelta(days=1))
    reports = [*first, *night]
    claims = [c for r in reports for c in read_record(r, gazetteer)]
    incidents = reconcile(claims, reports, gazetteer).incidents
    assert sorted([p.text for p in i.places] for i in incidents) == [
        ["Ізюмський район"],
        ["Ізюмський район"],
        ["Чугуївський район"],
    ]

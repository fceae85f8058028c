"""Feeds of air alerts and the changes in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.region import Gazetteer, PlaceLevel
from lightkeeper.reports import Report
from lightkeeper.reports.alert_text import find_changes, place_of, read_change
from lightkeeper.reports.alerts import (
    STATUS_LOCATIONS,
    ActiveAlerts,
    Alert,
    Within,
    read_alerts_in_ua,
    read_regions,
    read_statuses,
    read_ukraine_alarm,
)

NOW = datetime(2026, 1, 10, 4, 30, tzinfo=UTC)

OBLAST = {
    "id": 8757,
    "location_title": "Харківська область",
    "location_type": "oblast",
    "started_at": "2026-01-10T04:10:12.000Z",
    "finished_at": None,
    "updated_at": "2026-01-10T04:10:40.000Z",
    "alert_type": "air_raid",
    "location_uid": "22",
    "location_oblast": "Харківська область",
    "location_oblast_uid": "22",
    "location_raion": None,
    "notes": None,
    "calculated": False,
}
RAION = OBLAST | {
    "id": 8760,
    "location_title": "Ізюмський район",
    "location_type": "raion",
    "location_uid": "126",
    "started_at": "2026-01-10T04:12:00.000Z",
}
HROMADA = OBLAST | {
    "id": 8761,
    "location_title": "Нікопольська територіальна громада",
    "location_type": "hromada",
    "alert_type": "artillery_shelling",
    "location_uid": "351",
    "location_oblast": "Дніпропетровська область",
}


def answer(*alerts: object) -> str:
    text = json.dumps({"alerts": alerts, "meta": {"type": "full"}}, ensure_ascii=False, indent=1)
    return text.replace('"id"', '"id" ')  # not as this project would write it


def region(uid: str, level: str, name: str, *active: str) -> dict[str, object]:
    at = "2026-01-10T04:10:12.123456Z"
    own = {"regionId": uid, "regionType": level, "lastUpdate": at}
    alerts = [own | {"type": kind} for kind in active]
    return own | {"regionName": name, "regionEngName": "", "activeAlerts": alerts}


def test_alerts_in_ua_at_every_level() -> None:
    active = read_alerts_in_ua(answer(OBLAST, RAION, HROMADA), "feed")
    assert active.problems == ()
    assert [(a.key, a.level, a.alert_type) for a in active.alerts] == [
        ("22:air_raid", "oblast", "air_alarm"),
        ("126:air_raid", "raion", "air_alarm"),
        ("351:artillery_shelling", "hromada", "artillery"),
    ]
    assert active.alerts[0].started_at == datetime(2026, 1, 10, 4, 10, 12, tzinfo=UTC)
    assert '"id" : 8757' in active.alerts[0].record
    assert json.loads(active.alerts[0].record) == OBLAST


def test_an_alert_that_is_over_is_not_active() -> None:
    over = OBLAST | {"finished_at": "2026-01-10T04:20:00.000Z"}
    assert read_alerts_in_ua(answer(over), "feed") == ActiveAlerts((), ())


@pytest.mark.parametrize(
    "fault",
    [
        {"id": None},
        {"location_uid": True},
        {"location_title": " "},
        {"started_at": "soon"},
        {"started_at": "2026-01-10T04:10:12"},
        {"alert_type": ["air_raid"]},
        {"location_title": "\ud800"},
        {"location_oblast": "\ud800"},
    ],
)
def test_one_alert_that_cannot_be_read_is_named_and_the_rest_is_read(
    fault: dict[str, object],
) -> None:
    active = read_alerts_in_ua(answer(OBLAST | fault, RAION), "feed")
    assert [a.key for a in active.alerts] == ["126:air_raid"]
    (problem,) = active.problems
    assert "alert 0" in problem


@pytest.mark.parametrize(
    "text", ["", "[]", '{"alerts": 5}', "<html>429</html>", '{"alerts": ' + "[" * 100_000]
)
def test_an_answer_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ReportUnreadable):
        read_alerts_in_ua(text, "feed")


def test_statuses_by_oblast() -> None:
    letters = ["N"] * len(STATUS_LOCATIONS)
    letters[STATUS_LOCATIONS.index("м. Київ")] = "A"
    letters[STATUS_LOCATIONS.index("Сумська область")] = "P"
    letters[0] = " "
    kyiv, sumy = read_statuses(json.dumps("".join(letters)), "feed").alerts
    assert (kyiv.title, kyiv.part, kyiv.started_at) == ("м. Київ", None, None)
    assert (sumy.title, sumy.part) == ("Сумська область", "part")
    letters[3] = "?"
    assert "Дніпропетровська" in read_statuses(json.dumps("".join(letters)), "feed").problems[0]
    for text in ('"NNN"', '["N"]', "NNN"):
        with pytest.raises(ReportUnreadable):
            read_statuses(text, "feed")


def test_ukraine_alarm_with_and_without_its_regions() -> None:
    regions = [
        region("22", "State", "Харківська область", "AIR", "INFO"),
        region("126", "District", "Ізюмський район", "AIR", "ARTILLERY"),
        region("9", "State", "Сумська область"),
    ]
    text = json.dumps(regions, ensure_ascii=False)
    active = read_ukraine_alarm(text, "feed")
    assert [a.key for a in active.alerts] == ["22:air", "126:air", "126:artillery"]
    assert [a.oblast for a in active.alerts] == ["Харківська область", None, None]
    tree = {
        "regionId": "126",
        "regionName": "Ізюмський район",
        "regionChildIds": [{"regionId": "8"}],
    }
    states = {
        "states": [{"regionId": "22", "regionName": "Харківська область", "regionChildIds": [tree]}]
    }
    where = read_regions(json.dumps(states), "regions")
    assert where["8"] == Within("Харківська область", "Ізюмський район")
    assert read_ukraine_alarm(text, "feed", where).alerts[1].oblast == "Харківська область"
    broken = [{"regionId": "1"}, *regions]
    assert "region 0" in read_ukraine_alarm(json.dumps(broken), "feed").problems[0]


@pytest.mark.parametrize(
    ("title", "level", "oblast", "code"),
    [
        ("Автономна Республіка Крим", "oblast", None, "UA01"),
        ("м. Севастополь", "oblast", None, "UA85"),
        ("м. Київ", "oblast", None, "UA80"),
        ("Ізюмський район", "raion", "Харківська область", "UA6304"),
        ("м. Харків та Харківська територіальна громада", "hromada", None, "UA63120270"),
        ("м. Нікополь", "city", "Дніпропетровська область", "UA12080050"),
        ("Миколаївська територіальна громада", "hromada", None, None),
        ("Харківська область", "planet", None, None),
        ("Атлантида", "oblast", None, None),
    ],
)
def test_an_alert_has_the_place_its_name_has_and_no_other(
    gazetteer: Gazetteer, title: str, level: str, oblast: str | None, code: str | None
) -> None:
    alert = Alert(
        key="k", number="1", title=title, level=level, oblast=oblast,
        alert_type="air_alarm", started_at=None, record="{}",
    )  # fmt: skip
    place = place_of(alert, gazetteer)
    if code is None:
        assert place is None
    else:
        assert place is not None
        assert place[0].startswith(code)


def test_of_two_hromadas_of_one_name_the_raion_tells(gazetteer: Gazetteer) -> None:
    hromada = HROMADA | {
        "location_title": "Миколаївська територіальна громада",
        "location_oblast": "Дніпропетровська область",
    }
    told = hromada | {"location_raion": "Синельниківський район"}
    untold, one = (read_alerts_in_ua(answer(h), "feed").alerts[0] for h in (hromada, told))
    assert place_of(untold, gazetteer) is None
    place = place_of(one, gazetteer)
    assert place is not None
    assert place[0].startswith("UA1214")


class Held:
    """Looks at a feed one after another, keeping what came."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer, self.posts, self.now = gazetteer, dict[str, Report](), NOW

    def look(self, active: ActiveAlerts) -> list[Report]:
        reports = find_changes(
            active.alerts,
            self.posts,
            feed="alerts_in_ua",
            source="alarms",
            channel="Повітряна тривога",
            seen_at=self.now,
            gazetteer=self.gazetteer,
            is_whole=not active.problems,
        )
        self.posts |= {r.item: r for r in reports if r.item is not None}
        self.now += timedelta(minutes=1)
        return reports


def test_only_changes_are_reports_and_each_keeps_the_record(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    (start,) = held.look(read_alerts_in_ua(answer(OBLAST), "feed"))
    assert start.published_at == NOW
    change = read_change(start.text)
    assert change.is_start
    assert json.loads(start.text[slice(*change.span)]) == OBLAST
    assert json.loads(start.text)["alert"] == OBLAST
    assert held.look(read_alerts_in_ua(answer(OBLAST), "feed")) == []
    (end,) = held.look(read_alerts_in_ua(answer(), "feed"))
    assert not read_change(end.text).is_start
    assert end.published_at == NOW + timedelta(minutes=2)
    assert held.look(read_alerts_in_ua(answer(), "feed")) == []
    again = OBLAST | {"id": 9000}
    assert len(held.look(read_alerts_in_ua(answer(again), "feed"))) == 1


def test_an_alert_listed_again_under_its_number_is_on_again(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    one, none = (read_alerts_in_ua(answer(*a), "feed") for a in ((OBLAST,), ()))
    counts = [len(held.look(active)) for active in (one, none, one, one, none, none)]
    assert counts == [1, 1, 1, 0, 1, 0]
    assert len(held.posts) == 4


def test_nothing_ends_while_the_list_cannot_be_read_whole(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    held.look(read_alerts_in_ua(answer(OBLAST, RAION), "feed"))
    assert held.look(read_alerts_in_ua(answer(RAION, {"id": 1}), "feed")) == []
    (end,) = held.look(read_alerts_in_ua(answer(RAION), "feed"))
    assert read_change(end.text).alert.title == "Харківська область"


def test_the_end_of_an_alert_says_what_goes_on_in_the_oblast(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    held.look(read_alerts_in_ua(answer(OBLAST, RAION, HROMADA), "feed"))
    (end,) = held.look(read_alerts_in_ua(answer(RAION, HROMADA), "feed"))
    change = read_change(end.text)
    ((other, span),) = change.still_active
    assert other.title == "Ізюмський район"
    assert json.loads(end.text[slice(*span)]) == RAION
    assert place_of(other, gazetteer) is not None
    assert place_of(other, gazetteer)[1] is PlaceLevel.RAION  # type: ignore[index]


def test_an_alert_that_ended_and_began_between_two_looks_is_both(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    held.look(read_alerts_in_ua(answer(OBLAST), "feed"))
    start, end = held.look(read_alerts_in_ua(answer(OBLAST | {"id": 9000}), "feed"))
    assert read_change(start.text).is_start
    assert [a.number for a, _ in read_change(end.text).still_active] == ["9000"]
    assert held.look(read_alerts_in_ua(answer(OBLAST | {"id": 9000}), "feed")) == []


def test_another_time_of_update_is_no_other_alert_of_ukraine_alarm(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    first = json.dumps([region("22", "State", "Харківська область", "AIR")])
    assert len(held.look(read_ukraine_alarm(first, "feed"))) == 1
    later = first.replace("04:10:12", "04:40:00")
    assert held.look(read_ukraine_alarm(later, "feed")) == []
    (end,) = held.look(read_ukraine_alarm("[]", "feed"))
    assert read_change(end.text).alert.alert_type == "air_alarm"


def test_statuses_come_and_go_more_than_once(gazetteer: Gazetteer) -> None:
    held = Held(gazetteer)
    off = json.dumps("N" * len(STATUS_LOCATIONS))
    on = json.dumps("N" * 9 + "A" + "N" * 17)
    counts = [len(held.look(read_statuses(text, "feed"))) for text in (on, on, off, on, off, off)]
    assert counts == [1, 0, 1, 1, 1, 0]
    assert len({r.id for r in held.posts.values()}) == 4


def test_more_alerts_than_there_are_places_are_no_answer() -> None:
    with pytest.raises(ReportUnreadable, match="20001 alerts"):
        read_alerts_in_ua(json.dumps({"alerts": [1] * 20_001}), "feed")

from __future__ import annotations

import csv
import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lightkeeper.errors import DataInvalid
from lightkeeper.plans import (
    QUEUES,
    OutageSchedule,
    ScheduleOptions,
    WhenShort,
    plan_from_order,
    plan_schedule,
    write_schedule_csv,
)
from lightkeeper.region.model import QueueId, Region
from lightkeeper.units import FloatArray

OPTIONS = ScheduleOptions()


def spread(plan: OutageSchedule) -> float:
    return float(np.ptp(plan.hours_off))


@pytest.mark.parametrize(("queues", "hours"), [(1.0, 4.0), (2.0, 8.0), (3.0, 12.0), (4.5, 18.0)])
def test_all_day_orders_give_the_published_hours(queues: float, hours: float) -> None:
    plan = plan_from_order(np.full(48, queues), options=OPTIONS)
    assert plan.breaches == ()
    assert (plan.is_off.sum(axis=0) == 2 * queues).all()
    assert plan.hours_off == pytest.approx(hours)


def test_more_than_the_rules_allow_meets_the_order_and_says_what_is_broken() -> None:
    plan = plan_from_order(np.full(48, 5.5), options=OPTIONS)
    assert (plan.is_off.sum(axis=0) == 11).all()
    assert plan.breaches
    assert all("more than 6 h" in b or "less than 2 h" in b for b in plan.breaches)


def test_more_than_the_rules_allow_can_keep_the_rules_instead() -> None:
    plan = plan_from_order(
        np.full(48, 5.5), options=ScheduleOptions(when_short=WhenShort.KEEP_RULES)
    )
    assert plan.breaches
    assert all("emergency outages" in b for b in plan.breaches)


def test_rules_hold_over_midnight() -> None:
    before = np.zeros((12, 12), bool)
    before[0] = True  # off for 6 h already
    before[1, :10] = True  # on for 1 h after an outage
    order = np.zeros(48)
    order[:4] = 5.0
    plan = plan_from_order(order, before=before, options=OPTIONS)
    assert plan.breaches == ()
    assert not plan.is_off[0, :4].any()
    assert not plan.is_off[1, :2].any()


def test_history_is_evened_out() -> None:
    history = dict.fromkeys(QUEUES, 0.0) | {QueueId("3.1"): 4.0}
    plan = plan_from_order(np.full(48, 1.0), history_h=history, options=OPTIONS)
    total = plan.hours_off + np.array([history[q] for q in QUEUES])
    assert plan.breaches == ()
    assert np.ptp(total) <= 0.5


def test_rotation_moves_the_hours_from_day_to_day() -> None:
    order = [("08:00", "12:00", 1.0), ("17:00", "21:00", 1.0)]
    evening = {
        tuple(np.flatnonzero(p.is_off[:, 36]))
        for p in (plan_from_order(order, options=ScheduleOptions(rotation=d)) for d in range(7))
    }
    assert len(evening) > 3


def test_same_input_gives_the_same_schedule() -> None:
    order = np.repeat([1.0, 3.0, 0.5, 4.0], 12)
    one, two = (plan_from_order(order, options=OPTIONS) for _ in range(2))
    assert (one.is_off == two.is_off).all()


def test_megawatts_are_covered(small_region: Region) -> None:
    needed = np.repeat([0.0, 12.0, 30.0, 5.0], 12)
    plan = plan_schedule(small_region, needed, options=OPTIONS)
    assert (plan.shed_mw >= needed - 1e-9).all()
    assert plan.shed_mw == pytest.approx((plan.is_off * _size(small_region)[:, None]).sum(axis=0))


def test_a_need_beyond_all_queues_is_said(small_region: Region) -> None:
    plan = plan_schedule(small_region, np.full(4, 1000.0), options=OPTIONS)
    assert plan.shed_mw == pytest.approx(85.0)  # all that is in a queue
    assert any("MW short of the need" in b for b in plan.breaches)


def _size(region: Region) -> FloatArray:
    return np.array([region.feeders.demand_mw[region.feeders.queue == q].sum() for q in QUEUES])


@pytest.mark.parametrize(
    "order",
    [
        [("07:10", "08:00", 1.0)],
        [("08:00", "07:00", 1.0)],
        [("8", "9", 1.0)],
        [("07:00", "08:00", 0.3)],
        [("07:00", "09:00", 4.0), ("08:00", "10:00", 4.0)],
    ],
)
def test_a_faulty_order_is_refused_with_its_row(order: list[tuple[str, str, float]]) -> None:
    with pytest.raises(DataInvalid, match="order"):
        plan_from_order(order, options=OPTIONS)


def test_all_faults_of_an_order_are_found() -> None:
    with pytest.raises(DataInvalid) as fault:
        plan_from_order([("07:10", "08:00", 1.0), ("09:00", "08:00", 1.0)], options=OPTIONS)
    assert len(fault.value.problems) == 2


def test_csv_reads_back() -> None:
    plan = plan_from_order([("00:00", "24:00", 1.5)], options=OPTIONS)
    rows = list(csv.reader(io.StringIO(write_schedule_csv(plan))))
    assert rows[0][:3] == ["queue", "00:00", "00:30"]
    assert [r[0] for r in rows[1:]] == list(QUEUES)
    assert (np.array([r[1:] for r in rows[1:]]).astype(int) == plan.is_off).all()


def _verifier(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_plans", shared / "eval/check_plans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
# The verifier leaves the file it reads to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_published_order_is_met_within_the_rules_and_evenly(shared: Path, tmp_path: Path) -> None:
    verifier = _verifier(shared)
    cases = json.loads((shared / "eval/plans/published_schedules_dev.json").read_text("utf-8"))
    for case in cases["cases"]:
        order = [(a, b, float(n)) for a, b, n in case["order_queues"]]
        plan = plan_from_order(order, options=OPTIONS)
        path = tmp_path / "schedule.csv"
        path.write_text(write_schedule_csv(plan), "utf-8")
        names, off = verifier.read_schedule(path, 30)
        found = verifier.check_schedule(verifier.read_order(case["order_queues"], 30), names, off)
        assert found["breaches"] == []
        assert found["spread_h"] <= 0.5

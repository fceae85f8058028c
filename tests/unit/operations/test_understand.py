"""The incidents of the log as it grows, shrinks and is looked at in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lightkeeper.incidents import MergeDecision, reconcile
from lightkeeper.incidents.synth import SynthOptions, generate
from lightkeeper.operations.understand import ClaimReader, understand
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import Report
from lightkeeper.storage import State

START = datetime(2026, 1, 5, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def reports(gazetteer: Gazetteer) -> tuple[Report, ...]:
    options = SynthOptions(start=START, n_nights=1, strikes_per_night=2)
    return tuple(p.report for p in generate(gazetteer, options).posts)


def state_of(reports: tuple[Report, ...]) -> State:
    return State(reports=reports, received_at={r.id: START for r in reports})


def anew(state: State, reader: ClaimReader, gazetteer: Gazetteer) -> object:
    claims = [
        c for r in state.live_reports for c in reader.read(r) if c.id not in state.retracted_claims
    ]
    return reconcile(claims, state.live_reports, gazetteer, decisions=state.decisions)


def test_every_state_is_what_computing_it_anew_gives(
    reports: tuple[Report, ...], gazetteer: Gazetteer
) -> None:
    reader = ClaimReader(gazetteer)
    whole = state_of(reports)
    some_claim = next(c.id for r in reports for c in reader.read(r))
    pair = (reports[0].id, reports[-1].id)
    merge = MergeDecision(kind="merge", reports=pair, by="n", at=START + timedelta(hours=1))
    states = [
        state_of(reports[:5]),
        whole,
        replace(whole, retracted_reports=frozenset({reports[2].id})),
        whole,
        replace(whole, retracted_claims=frozenset({some_claim})),
        replace(whole, decisions=(merge,)),
        state_of(reports[: len(reports) // 2]),
        state_of(reports[:2]),
        whole,
        state_of(()),
    ]
    for state in states:
        found = understand(state, reader, gazetteer)
        assert found.reconciliation == anew(state, reader, gazetteer)
        assert {c.report for c in found.claims} <= {r.id for r in state.live_reports}


def test_an_id_outlives_the_report_that_it_came_from(
    reports: tuple[Report, ...], gazetteer: Gazetteer
) -> None:
    reader = ClaimReader(gazetteer)
    whole = state_of(reports)
    before = max(
        understand(whole, reader, gazetteer).reconciliation.incidents,
        key=lambda i: len(i.reports),
    )
    retracted = replace(whole, retracted_reports=frozenset({before.reports[0]}))
    found = reader.look_up(retracted, gazetteer, before.id)
    assert found is not None
    incident, similar = found
    assert incident.id != before.id
    assert set(incident.reports) <= set(before.reports) - {before.reports[0]}
    assert incident.id not in {s.incident for s in similar}
    nothing = replace(whole, retracted_reports=frozenset(r.id for r in reports))
    assert reader.look_up(nothing, gazetteer, before.id) is None
    same = understand(whole, reader, gazetteer).reconciliation
    assert before in same.incidents

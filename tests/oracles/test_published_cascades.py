"""Timed cascades beside published results on the Polish grid (evaluation material, if present)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.flow import (
    PUBLISHED_RELAYS,
    FlowCase,
    lose,
    lose_each,
    make_case,
    prepare,
    trace_cascade,
)


@pytest.fixture(scope="module")
def polish(shared: Path) -> FlowCase:
    """The published grid: 1/X only, relays on the second rating."""
    data = json.loads((shared / "eval/cascade/dcsimsep_grid_2383_mod.json").read_text("utf-8"))
    row = {bus: i for i, bus in enumerate(data["bus_ids"])}
    load = np.zeros(len(row))
    for bus, mw, _ in data["load"]:
        load[row[bus]] += mw
    return make_case(
        base_mva=data["baseMVA"],
        n_bus=len(row),
        from_bus=[row[b[0]] for b in data["branch"]],
        to_bus=[row[b[1]] for b in data["branch"]],
        x_pu=[b[2] for b in data["branch"]],
        rating_mw=[b[6] for b in data["branch"]],
        load_mw=load,
        unit_bus=[row[g[0]] for g in data["gen"]],
        unit_scheduled_mw=[g[2] for g in data["gen"]],
        unit_max_mw=[g[3] for g in data["gen"]],
    )


def test_published_blackouts(polish: FlowCase, shared: Path) -> None:
    text = (shared / "eval/cascade/dcsimsep_pairs_dev.json").read_text("utf-8")
    published = json.loads(text)["results"]
    outages = [[b - 1 for b in one["outage"]] for one in published]
    trace = trace_cascade(prepare(polish), lose(polish, branches=outages), PUBLISHED_RELAYS)
    net_mw = polish.load_mw.sum() - polish.infeed_mw.sum()
    for s, one in enumerate(published):
        lost = net_mw - (trace.final.served_mw[s] - trace.final.infeed_mw[s]).sum()
        assert lost == pytest.approx(one["mw_lost"], abs=0.01), one["outage"]
        rows = slice(trace.event_start[s], trace.event_start[s + 1])
        branch = trace.event_kind[rows] == 0
        got = dict(
            zip(
                (trace.event_row[rows][branch] + 1).tolist(),
                trace.event_time_s[rows][branch].tolist(),
                strict=True,
            )
        )
        wanted = dict(zip(one["trip_branch"], one["trip_t"], strict=True))
        assert got == pytest.approx(wanted, abs=0.01), one["outage"]


def test_fixed_infeed_changes_little(polish: FlowCase, shared: Path) -> None:
    text = (shared / "eval/cascade/dcsimsep_pairs_dev.json").read_text("utf-8")
    published = json.loads(text)["results"]
    outages = [[b - 1 for b in one["outage"]] for one in published]
    options = replace(PUBLISHED_RELAYS, infeed_follows_load=False)
    final = trace_cascade(prepare(polish), lose(polish, branches=outages), options).final
    net_mw = polish.load_mw.sum() - polish.infeed_mw.sum()
    for s, one in enumerate(published):
        assert set((np.flatnonzero(final.trip_round[s] > 0) + 1).tolist()) == set(
            one["trip_branch"]
        )
        lost = net_mw - (final.served_mw[s] - final.infeed_mw[s]).sum()
        assert lost == pytest.approx(one["mw_lost"], rel=0.01, abs=1.0), one["outage"]


def test_single_outages_trip_no_relay(polish: FlowCase) -> None:
    trace = trace_cascade(prepare(polish), lose_each(polish), PUBLISHED_RELAYS)
    assert not (trace.final.trip_round > 0).any()
    unserved = (trace.final.demand_mw - trace.final.served_mw).sum(axis=1)
    assert unserved.max() == pytest.approx(398.7, abs=0.05)
    told = np.add.reduceat(trace.step_lost_mw.sum(axis=1), trace.step_start[:-1])
    np.testing.assert_allclose(told, unserved, rtol=0, atol=1e-9)

"""CPU time of timed-relay cascades on published pairs, and of screening the same grid.

The grid is a JSON object of `baseMVA`, `bus_ids`, `branch` (from, to, x, tap, shift and three
ratings; relays stand on the second), `gen` (bus, on, MW, PMAX), `load` (bus, MW); the pairs one of
`results` with `outage` (two 1-based branch rows), `mw_lost` and `elapsed_s` of the published
program.

Usage: python benchmarks/timed_cascades.py GRID.json PAIRS.json [--no-screening]
           [--export RESULTS.json] [--matpower GRID.m] [--outages OUTAGES.json]

`--export` writes the results in the neutral format. `--matpower` and `--outages` write the grid as
a MATPOWER case and the pairs as an outages file, for `lightkeeper simulate GRID.m --outages
OUTAGES.json --export RESULTS.json`, which gives the same.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from lightkeeper.flow import (
    PUBLISHED_RELAYS,
    FlowCase,
    FlowOptions,
    LossKind,
    ScreenOptions,
    Study,
    lose,
    make_case,
    prepare,
    relay_results,
    screen_pairs,
    screen_single,
    trace_cascade,
)

ROUNDS = 3
BRANCHES = frozenset({LossKind.BRANCH})


def read_grid(path: Path) -> FlowCase:
    """Read the published grid: 1/X only, no taps, no shifts."""
    data = json.loads(path.read_text("utf-8"))
    row = {bus: i for i, bus in enumerate(data["bus_ids"])}
    load = np.zeros(len(row))
    for bus, mw, *_ in data["load"]:
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


def write_matpower(path: Path, grid: Path) -> None:
    """Write the published grid as a MATPOWER case: no taps, no shifts, PMIN 0."""
    data = json.loads(grid.read_text("utf-8"))
    load = dict.fromkeys(data["bus_ids"], 0.0)
    for bus, mw, *_ in data["load"]:
        load[bus] += mw
    reference = data["gen"][0][0]
    kind = {bus: 3 if bus == reference else 1 for bus in data["bus_ids"]}
    tables: dict[str, list[list[float]]] = {
        "bus": [[b, kind[b], load[b], 0, 0, 0, 1, 1, 0, 110, 1, 1.1, 0.9] for b in data["bus_ids"]],
        "gen": [
            [bus, mw, 0, 0, 0, 1, data["baseMVA"], on, p_max, 0, *([0] * 11)]
            for bus, on, mw, p_max, *_ in data["gen"]
        ],
        "branch": [
            [b[0], b[1], 0, b[2], 0, b[5], b[6], b[7], 0, 0, 1, -360, 360] for b in data["branch"]
        ],
    }
    name = path.stem
    lines = [f"function mpc = {name}", "mpc.version = '2';", f"mpc.baseMVA = {data['baseMVA']};"]
    for table, rows in tables.items():
        lines.append(f"mpc.{table} = [")
        lines += ["\t" + "\t".join(f"{x!r}" for x in row) + ";" for row in rows]
        lines.append("];")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_outages(path: Path, pairs: list[list[int]]) -> None:
    """Write pairs of branch rows as an outages file, with the settings of the published model."""
    asked = {
        "mode": "timed-relays",
        "limits": "rate_b",
        "ramp_pu": PUBLISHED_RELAYS.ramp_pu,
        "ramp_least_mw": PUBLISHED_RELAYS.ramp_least_mw,
        "infeed_follows_load": True,
        "scenarios": [{"branches": pair} for pair in pairs],
    }
    path.write_text(json.dumps(asked), encoding="utf-8")


def main() -> None:
    """Print CPU time per pair beside the published program's, then that of the screenings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grid", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--no-screening", action="store_true")
    parser.add_argument("--export", type=Path)
    parser.add_argument("--matpower", type=Path)
    parser.add_argument("--outages", type=Path)
    args = parser.parse_args()
    prepared = prepare(read_grid(args.grid))
    published = json.loads(args.pairs.read_text("utf-8"))["results"]
    outages = lose(prepared.case, branches=[[b - 1 for b in one["outage"]] for one in published])
    trace_cascade(prepared, outages, PUBLISHED_RELAYS)  # compiles
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        trace = trace_cascade(prepared, outages, PUBLISHED_RELAYS)
        times.append((time.process_time() - begun) / len(published))
    theirs = np.mean([one["elapsed_s"] for one in published])
    trips = (trace.event_kind == 0).sum() / len(published)
    print(
        f"{len(published)} pairs, {trips:.1f} relay trips each: {1e3 * min(times):.1f} ms CPU a "
        f"pair; the published program took {theirs:.1f} s: {theirs / min(times):,.0f}x"
    )
    if args.export:
        study = Study(
            case=prepared.case,
            scenarios=outages,
            options=FlowOptions(),
            relays=PUBLISHED_RELAYS,
        )
        rows = np.arange(len(prepared.case.from_bus), dtype=np.int32)
        results = {"results": relay_results(study, trace, rows)}
        args.export.write_text(json.dumps(results), encoding="utf-8")
    if args.matpower:
        write_matpower(args.matpower, args.grid)
    if args.outages:
        write_outages(args.outages, [one["outage"] for one in published])
    if args.no_screening:
        return
    screen_single(prepared)
    screen_pairs(prepared, screen=ScreenOptions(kinds=BRANCHES, max_runs=1))
    begun = time.process_time()
    single = screen_single(prepared)
    print(f"n-1: {single.n_losses:,} losses in {time.process_time() - begun:.1f} s CPU")
    begun = time.process_time()
    bounded = screen_pairs(prepared, screen=ScreenOptions(kinds=BRANCHES, max_runs=0))
    took = time.process_time() - begun
    begun = time.process_time()
    pairs = screen_pairs(prepared, screen=ScreenOptions(kinds=BRANCHES))
    print(
        f"n-2: {pairs.n_losses:,} pairs in {time.process_time() - begun:.0f} s CPU; "
        f"{bounded.n_bounded:,} provably need no run, which takes {took:.0f} s to find; "
        f"{(pairs.extra_mw > 1.0).sum():,} shed more than the two alone"
    )


if __name__ == "__main__":
    main()

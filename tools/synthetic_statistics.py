"""Figures of docs/method/synthetic-region.md: python tools/synthetic_statistics.py [CASE ...].

Without arguments: the demo network. A CASE is a MATPOWER case name, such as case2383wp.
"""

from __future__ import annotations

import sys
from dataclasses import fields

from lightkeeper.flow import build_case, lose, run_cascade
from lightkeeper.grid import read_matpower
from lightkeeper.grid.model import Network
from lightkeeper.region.csv_folder import load_demo_region
from lightkeeper.region.synth_statistics import cascade_share, measure


def show(network: Network) -> None:
    statistics = measure(network)
    for field in fields(statistics):
        value = getattr(statistics, field.name)
        if field.name != "levels":
            print(f"  {field.name}: {short(value)}")
    for level in statistics.levels:
        print("  " + ", ".join(f"{f.name} {short(getattr(level, f.name))}" for f in fields(level)))
    case = build_case(network)
    for what in ("branches", "units"):
        n = len(case.from_bus) if what == "branches" else len(case.unit_bus)
        result = run_cascade(case, lose(case, **{what: [[i] for i in range(n)]}))
        unserved = (result.demand_mw - result.served_mw).sum(axis=1)
        n_trip = int((result.trip_round > 0).any(axis=1).sum())
        print(f"  loss of each of {n} {what}: {n_trip} trip others, {(unserved > 1e-6).sum()} shed")
    for n_lost, least_kv in ((2, 0.0), (5, 0.0), (10, 0.0), (20, 0.0), (5, 200.0)):
        cascades, sheds, worst = cascade_share(
            network, n_lost=n_lost, n_draws=5000, seed=1, least_kv=least_kv
        )
        of = f"branches of {least_kv:.0f} kV and more" if least_kv else "branches"
        print(
            f"  loss of {n_lost} random {of}: {cascades:.2%} cascade, {sheds:.2%} shed, "
            f"worst {worst:.1%} of the peak"
        )


def short(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + " ".join(f"{v:.3g}" for v in value) + "]"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    networks = [read_matpower(name) for name in sys.argv[1:]] or [load_demo_region().network]
    for network in networks:
        show(network)
        print()


if __name__ == "__main__":
    main()

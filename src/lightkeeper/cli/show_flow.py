"""A simulation as text for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from lightkeeper.operations.simulate import Simulation
from lightkeeper.operations.trace import Trace
from lightkeeper.units import EXERCISE_MARK_EN

MAX_SCENARIOS = 20
MAX_TRIPS = 30
UNSERVED_FROM_MW = 1e-6  # less is rounding


def show_ratings(console: Console, result: Simulation | Trace) -> None:
    """Say which branches cannot trip, lest their holding pass for strength."""
    if result.n_branches_without_rating:
        console.print(
            f"{result.n_branches_without_rating} of {result.n_branches} branches have no rating; "
            "they cannot trip"
        )


def show_simulation(console: Console, simulation: Simulation) -> None:
    """Print what each scenario comes to."""
    if simulation.is_exercise:
        console.print(f"[bold reverse] {EXERCISE_MARK_EN} [/]")
    seed = "" if simulation.seed is None else f", seed {simulation.seed}"
    console.print(f"[bold]{escape(simulation.network)}[/]{seed}")
    show_ratings(console, simulation)
    if simulation.n_trips_before or simulation.unserved_before_mw >= UNSERVED_FROM_MW:
        console.print(
            f"without any loss {simulation.n_trips_before} branch(es) trip and "
            f"{simulation.unserved_before_mw:,.1f} MW are unserved; what follows includes that"
        )
    for number, scenario in enumerate(simulation.scenarios[:MAX_SCENARIOS]):
        console.print(
            f"scenario {number}: lost {escape(', '.join(scenario.lost) or 'nothing')}\n"
            f"  served {scenario.served_mw:,.1f} + unserved {scenario.unserved_mw:,.1f} = demand "
            f"{scenario.demand_mw:,.1f} MW; {scenario.n_rounds} round(s)"
            + ("" if scenario.converged else ", [red]not settled[/]")
        )
        for island in scenario.islands:
            name = "dead" if island.is_dead else "island"
            console.print(
                f"  {name}: {island.n_buses} bus(es), generation {island.generation_mw:,.1f}, "
                f"served {island.served_mw:,.1f} of {island.demand_mw:,.1f} MW"
            )
        if scenario.tripped:
            trips = [f"{branch} (round {n})" for branch, n in scenario.tripped[:MAX_TRIPS]]
            more = len(scenario.tripped) - len(trips)
            console.print(
                f"  tripped: {escape(', '.join(trips))}" + (f" and {more} more" if more else "")
            )
    if len(simulation.scenarios) > MAX_SCENARIOS:
        more = len(simulation.scenarios) - MAX_SCENARIOS
        console.print(f"and {more} more scenarios; --json has all")

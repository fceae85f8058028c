"""Traced cascades, screenings and margins as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from lightkeeper.cli.show_flow import show_ratings
from lightkeeper.flow.margin import MarginLimit
from lightkeeper.flow.model import LossCause
from lightkeeper.operations.margin import HourMargin, MarginReport
from lightkeeper.operations.screen import ScreenedLoss, ScreeningReport
from lightkeeper.operations.trace import Trace, TracedTrip
from lightkeeper.units import EXERCISE_MARK_EN

MAX_SCENARIOS = 10
MAX_TRIPS = 60
MAX_ISLANDS = 4


def show_trace(console: Console, trace: Trace) -> None:
    """Print what happens in each scenario, in order."""
    if trace.is_exercise:
        console.print(f"[bold reverse] {EXERCISE_MARK_EN} [/]")
    hidden = f", hidden failures {trace.hidden_failure_pu:g}" if trace.hidden_failure_pu else ""
    seed = "" if trace.seed is None else f", seed {trace.seed}"
    console.print(f"[bold]{escape(trace.network)}[/], {trace.trip_rule.value}{hidden}{seed}")
    show_ratings(console, trace)
    for number, one in enumerate(trace.scenarios[:MAX_SCENARIOS]):
        console.print(
            f"scenario {number}: lost {escape(', '.join(one.lost) or 'nothing')}\n"
            f"  served {one.served_mw:,.1f} + unserved {one.unserved_mw:,.1f} = demand "
            f"{one.demand_mw:,.1f} MW{_causes(one.lost_mw)}"
            + ("" if one.converged else ", [red]not settled[/]")
            + (f"; {one.n_overloaded} still overloaded" if one.n_overloaded else "")
        )
        shown = 0
        for k, step in enumerate(one.steps):
            when = f"step {k}" if step.time_s is None else f"{step.time_s:.1f} s"
            for trip in one.trips:
                if trip.step == k and shown < MAX_TRIPS:
                    console.print(f"  {when}: {_trip(trip)}")
                    shown += 1
            if k == 0 or k == len(one.steps) - 1 or step.lost_mw:
                console.print(
                    f"  {when}: {step.n_islands} island(s), served {step.served_mw:,.1f} MW"
                    + _causes(step.lost_mw)
                )
        if len(one.trips) > shown:
            console.print(f"  and {len(one.trips) - shown} more trips; --json has all")
    if len(trace.scenarios) > MAX_SCENARIOS:
        more = len(trace.scenarios) - MAX_SCENARIOS
        console.print(f"and {more} more scenarios; --json has all")


def show_screening(console: Console, report: ScreeningReport) -> None:
    """Print the worst losses, by load shed and by splitting."""
    if report.is_exercise:
        console.print(f"[bold reverse] {EXERCISE_MARK_EN} [/]")
    console.print(
        f"[bold]{escape(report.network)}[/], n-{report.order}: {report.n_losses:,} losses, "
        f"{report.n_bounded:,} of them provably without more effect, {report.n_run:,} run; of "
        f"these {report.n_shedding:,} shed "
        f"load, {report.n_splitting:,} cut some off"
        + ("" if report.is_complete else ", [red]not complete[/]")
    )
    if report.n_trips_before or report.unserved_before_mw > 0.0:
        console.print(
            f"without any loss {report.n_trips_before} branch(es) trip and "
            f"{report.unserved_before_mw:,.1f} MW are unserved; what follows is beyond that"
        )
    for title, losses in (
        (
            "most load shed" + (" beyond the two alone" if report.order > 1 else ""),
            report.by_shed,
        ),
        ("most cut off from the largest island", report.by_splitting),
    ):
        console.print(f"{title}:" if losses else f"{title}: none")
        for one in losses:
            _show_loss(console, one)


def _show_loss(console: Console, one: ScreenedLoss) -> None:
    beyond = f" ({one.extra_mw:,.1f} more than alone)" if len(one.lost) > 1 else ""
    named = " + ".join(f"{k.value} {x}" for k, x in zip(one.kinds, one.lost, strict=True))
    people = "" if one.separated_people is None else f" with {one.separated_people:,} people"
    console.print(
        f"  {escape(named)}: unserved {one.unserved_mw:,.1f} MW"
        f"{beyond}, cut off {one.separated_mw:,.1f} MW{people}, {one.n_trips} trip(s)"
    )
    for island in one.islands[:MAX_ISLANDS]:
        people = "" if island.people is None else f", {island.people:,} people"
        console.print(
            f"    island: {island.n_buses} bus(es){people}, served {island.served_mw:,.1f} of "
            f"{island.demand_mw:,.1f} MW, reserve {island.reserve_mw:,.1f} MW"
        )
    if len(one.islands) > MAX_ISLANDS:
        console.print(f"  and {len(one.islands) - MAX_ISLANDS} more islands")


def _trip(trip: TracedTrip) -> str:
    how = ""
    if trip.loading_pu is not None:
        how = f", {100 * trip.loading_pu:.1f} % of its limit"
    elif trip.output_mw is not None:
        how = f", {trip.output_mw:,.1f} MW"
    return f"{trip.kind.value} {escape(trip.id)} trips: {trip.cause.value}{how}"


def _causes(lost_mw: Mapping[LossCause, float]) -> str:
    told = ", ".join(f"{cause} {mw:,.1f}" for cause, mw in lost_mw.items())
    return f" (lost: {told})" if told else ""


def show_margin(console: Console, report: MarginReport) -> None:
    """Print the least margin with its reason, then every hour's."""
    if report.is_exercise:
        console.print(f"[bold reverse] {EXERCISE_MARK_EN} [/]")
    lost = f", without {escape(', '.join(report.lost))}" if report.lost else ""
    console.print(f"[bold]{escape(report.network)}[/]{lost}")
    if report.worst >= 0:
        worst = report.hours[report.worst]
        when = "" if len(report.hours) == 1 else f", hour {escape(worst.hour)}"
        console.print(f"margin {worst.margin_pu:+.1%}{when}: {_reason(worst)}")
    if len(report.hours) > 1:
        for one in report.hours:
            console.print(
                f"  {escape(one.hour):>6}  load {one.load_mw:>10,.1f} MW  {one.margin_pu:>+8.1%}  "
                f"{_reason(one)}"
            )
    if not report.is_complete:
        console.print("[red]not complete[/]")


def _reason(one: HourMargin) -> str:
    if one.limit is MarginLimit.NONE:
        return f"nothing found up to a load of {one.next_mw:,.1f} MW"
    at = f"at {one.next_mw:,.1f} MW"
    if one.limit is MarginLimit.SUPPLY:
        return f"{at} units cannot cover the load, {one.unserved_mw:,.1f} MW short"
    trips = f"{one.n_trips} branch(es) trip"
    if one.limit is MarginLimit.OVERLOAD:
        return f"{at} {trips} without any loss"
    assert one.kind is not None
    assert one.lost is not None
    return (
        f"{at} the loss of {one.kind.value} {escape(one.lost)} makes {trips}, which shed "
        f"{one.unserved_mw:,.1f} MW and cut {one.separated_mw:,.1f} MW off beyond the loss itself"
    )

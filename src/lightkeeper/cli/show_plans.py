"""Plans as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.markup import escape

from lightkeeper.notices.picture import Picture

MAX_STEPS = 15
FAR_PU = 0.03
"""A list further than this above the least possible is told in MW too."""


def show_shedding(console: Console, picture: Picture) -> None:
    """Print the emergency shedding plan."""
    plan = picture.shedding
    if plan is None:
        return
    console.print(
        "[bold]Emergency shedding[/] (an operator's decision, for one representative scenario;\n"
        "  this or the hourly schedule: two ways to meet the same shortage, not to be added)\n"
        f"  demand {plan.demand_mw:,.0f} MW, served {plan.served_mw:,.0f}, without any supply "
        f"{plan.unsupplied_mw:,.0f}, to shed {plan.shed_mw:,.1f} MW (least possible "
        f"{plan.bound_mw:,.1f}), {plan.people:,} people, {len(plan.steps)} feeder(s)"
    )
    if plan.ordered_mw:
        console.print(f"  it meets the order to take {plan.ordered_mw:,.0f} MW off")
    for i, step in enumerate(plan.steps[:MAX_STEPS], 1):
        console.print(
            f"  {i:3d}. off: {step.feeder}  {step.shed_mw:.1f} MW  {step.people:,} people"
        )
    _more(console, len(plan.steps))
    if plan.gap_pu is not None:
        console.print(f"  weighted shed {plan.gap_pu:.2%} above the least possible")
    if plan.gap_pu is not None and plan.gap_pu > FAR_PU and plan.steps:
        smallest_mw = min(step.shed_mw for step in plan.steps)
        console.print(
            f"  that is {plan.shed_mw - plan.bound_mw:,.2f} MW; the smallest feeder in the list "
            f"has {smallest_mw:,.2f} MW"
        )
        if plan.least_gap_pu:
            console.print(
                "  proven: every list of whole feeders is at least "
                f"{plan.least_gap_pu:.2%} above it"
            )
    if plan.returns:
        console.print("  back on, in this order, as capacity returns:")
        for i, back in enumerate(plan.returns[:MAX_STEPS], 1):
            wait = "lines" if back.waits_for_lines else f"{back.needs_mw:,.1f} MW more"
            console.print(f"  {i:3d}. on: {back.feeder}  {back.back_mw:.1f} MW  waits for {wait}")
        _more(console, len(plan.returns))
    _notes(console, plan.notes)


def show_mobile(console: Console, picture: Picture) -> None:
    """Print where mobile generators, fuel and boilers should go."""
    plan = picture.mobile
    if plan is None:
        return
    console.print(
        "[bold]Mobile units[/] for one representative scenario; they keep "
        f"{plan.service_hours_kept:,.0f} hours of service within {plan.horizon_h} h, "
        f"{plan.service_hours_lost:,.0f} are lost still"
    )
    late = sum(one.arrives_h > one.stops_h for one in plan.placements)
    if late:
        console.print(
            f"  {late} of {len(plan.placements)} arrive only after the site has stopped: until "
            "then it stands still"
        )
    for one in plan.placements:
        console.print(
            f"  {escape(one.unit_name)} to {escape(one.site_name)}: [dim]{escape(one.reason)}[/]"
        )
    if plan.too_large:
        console.print(f"  too large for any unit: {escape(', '.join(plan.too_large))}")
    if plan.unused:
        console.print(f"  free: {escape(', '.join(plan.unused))}")
    console.print()


def show_inspections(console: Console, picture: Picture) -> None:
    """Print which assets to look at first."""
    ranked = [
        (asset.inspection_moves_people, asset)
        for asset in picture.assets
        if asset.inspection_moves_people is not None
    ]
    console.print(
        "[bold]Inspections[/] by how far what is found should move the number of people without "
        "power"
    )
    for moves, asset in sorted(ranked, key=lambda pair: -pair[0])[:MAX_STEPS]:
        console.print(
            f"  {escape(asset.name)} ({asset.kind}): {moves:,.0f} people; "
            f"hurt with {1 - asset.p_intact:.0%}"
        )
    _more(console, len(ranked))
    console.print()


def show_schedule(console: Console, picture: Picture) -> None:
    """Print the hourly outage schedule, one row a queue, one sign for half an hour."""
    plan = picture.schedule
    if plan is None:
        return
    console.print(
        f"[bold]Hourly outage schedule[/] from {plan.starts_at:%Y-%m-%d %H:%M} UTC, "
        f"{plan.slot_min} min a sign, █ off · on\n"
        "  (instead of emergency shedding, for the same shortage)"
    )
    for queue, off, hours in zip(plan.queues, plan.is_off, plan.hours_off, strict=True):
        console.print(f"  {queue}  {''.join('█' if x else '·' for x in off)}  {hours:g} h")
    _notes(console, plan.breaches)


def show_repair(console: Console, picture: Picture) -> None:
    """Print the repair order."""
    plan = picture.repair
    if plan is None:
        return
    console.print(
        f"[bold]Repair order[/] for one representative scenario, {plan.n_crews} crew(s); "
        f"person-hours without power {plan.person_hours:,.0f}, "
        f"in the order of the list {plan.person_hours_as_listed:,.0f}"
    )
    for job in plan.jobs[:MAX_STEPS]:
        console.print(
            f"  crew {job.crew + 1}  {job.start_h:5.1f} to {job.end_h:5.1f} h  {escape(job.name)}  "
            f"{job.people_back:,.0f} people back  [dim]{escape(job.reason)}[/]"
        )
    _more(console, len(plan.jobs))
    _notes(console, plan.notes)


def show_reinforcement(console: Console, picture: Picture) -> None:
    """Print which substations to protect."""
    plan = picture.reinforcement
    if plan is None:
        return
    console.print(
        f"[bold]Reinforcement[/] budget {plan.budget:g}, spent {plan.spent:g}; expected unserved "
        f"energy {plan.expected_unserved_mwh:,.0f} MWh, after "
        f"{plan.expected_unserved_after_mwh:,.0f} MWh, over {plan.n_scenarios} scenarios"
    )
    for chosen in plan.chosen:
        console.print(
            f"  {escape(chosen.name)}: level {chosen.from_level} to {chosen.to_level}, cost "
            f"{chosen.cost:g}, avoids {chosen.avoided_mwh:,.1f} ± "
            f"{chosen.avoided_standard_error_mwh:,.1f} MWh"
        )
    _notes(console, plan.notes)


PLANS: dict[str, Callable[[Console, Picture], None]] = {
    "shed": show_shedding,
    "schedule": show_schedule,
    "mobile": show_mobile,
    "repair": show_repair,
    "inspect": show_inspections,
    "reinforce": show_reinforcement,
}

ORDERED_PLANS = ("shed", "schedule")
"""The plans that meet an order of the transmission operator."""


def _more(console: Console, n: int) -> None:
    if n > MAX_STEPS:
        console.print(f"  and {n - MAX_STEPS} more; --json has all")


def _notes(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f"  [dim]{escape(note)}[/]")
    console.print()

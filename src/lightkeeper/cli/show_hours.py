"""The hours ahead as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lightkeeper.consequences.model import Band, Chain, ChainLink, Course
from lightkeeper.notices.picture import Picture
from lightkeeper.plans.model import PlanCourse

SHOWN_HOURS = (0, 3, 6, 12, 24, 48)
MAX_CHAINS = 5
MAX_DRAINS = 8


def show_hours(console: Console, picture: Picture) -> None:
    """Print what the damage does hour by hour; nothing where it was not computed."""
    course = picture.course
    if course is None:
        return
    console.print(
        f"\n[bold]The hours ahead if nothing is repaired[/] (modelled, {course.n_scenarios} "
        f"scenarios, {course.effective_sample_size:.0f} effective; median, 5-95 %)"
    )
    console.print(_table(course, _rows(course)))
    if picture.with_plan is not None:
        _show_plan(console, picture.with_plan)
    _show_drains(console, picture, course)
    for chain in course.chains[:MAX_CHAINS]:
        console.print(f"  {escape(_chain(picture, chain))}")
    for note in course.notes:
        console.print(f"[dim]{escape(note)}[/]")


def _rows(course: Course) -> dict[str, Band]:
    return {
        "people without power": course.people_off,
        "people without heat": course.people_without_heat,
        "people in homes below 16 °C": course.people_below_16,
        "people in homes below 10 °C": course.people_below_10,
        **{
            f"out: {kind.replace('_', ' ')}, of {course.services_total[kind]}": band
            for kind, band in course.services_failed.items()
        },
    }


def _table(course: Course, rows: Mapping[str, Band]) -> Table:
    hours = [h for h in SHOWN_HOURS if h in course.hours]
    table = Table(box=None)
    table.add_column("")
    for hour in hours:
        table.add_column(f"{hour} h", justify="right")
    for name, band in rows.items():
        table.add_row(name, *(_cell(band, course.hours.index(h)) for h in hours))
    return table


def _show_plan(console: Console, plan: PlanCourse) -> None:
    """Print the same hours with the plan, and what it changes scenario by scenario."""
    course, back = plan.course, plan.restoration
    console.print(
        "\n[bold]The hours ahead with the plan[/]: crews, switch list, hourly schedule "
        f"(the same {course.n_scenarios} scenarios)"
    )
    rows = _rows(course)
    off = {"people without power": rows.pop("people without power")}
    off["of them switched off by the plan alone"] = plan.people_switched_off
    off["of them because of damage"] = plan.people_off_by_damage
    console.print(_table(course, {**off, **rows}))
    change, end = back.person_hours.change, back.end_h
    console.print(
        f"  repairs end after {end.median:.0f} h ({end.p05:.0f}-{end.p95:.0f}); "
        f"against nothing repaired they change person-hours without power within "
        f"{back.hours[-1]} h by {change.median:,.0f} ({change.p05:,.0f} to {change.p95:,.0f}), "
        "the plan's own switching apart"
    )


def _cell(band: Band, k: int) -> str:
    middle, low, high = band.median[k], band.p05[k], band.p95[k]
    if middle is None or low is None or high is None:
        return "not known"
    return f"{middle:,.0f} ({low:,.0f}-{high:,.0f})"


def _show_drains(console: Console, picture: Picture, course: Course) -> None:
    for drain in course.drains[:MAX_DRAINS]:
        by = "now" if drain.decide_by_h <= 0 else f"by {_clock(picture, drain.decide_by_h)}"
        low, high = drain.refill_days
        console.print(
            f"  decide {by} whether to drain {escape(drain.name)}: pipes freeze with "
            f"{drain.p_freezes:.0%}, after {drain.freezes_h[0]:.0f}-{drain.freezes_h[2]:.0f} h; "
            f"draining costs {low:g}-{high:g} days"
        )


def _chain(picture: Picture, chain: Chain) -> str:
    names = {d.consequence.district: d.name_en for d in picture.districts}
    districts = ", ".join(names.get(d, str(d)) for d, _ in chain.districts)
    services = [_link(picture, link) for link in chain.services if link.works_until_h is not None]
    then = [f"then {_link(picture, link)} ({link.because})" for link in chain.then]
    told = "; ".join([*services, *then])
    return (
        f"{chain.name}, {chain.cause} → {chain.n_feeders} feeders → {districts}: "
        f"{chain.people:,} people{f' → {told}' if told else ''}"
    )


def _link(picture: Picture, link: ChainLink) -> str:
    if not link.works_until_h:
        return f"{link.name} at once"
    return f"{link.name} until {_clock(picture, link.works_until_h)}"


def _clock(picture: Picture, hours: float) -> str:
    return f"{picture.as_of + timedelta(hours=hours):%d %b %H:%M} UTC"

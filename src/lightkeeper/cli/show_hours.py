"""The hours ahead as text for a terminal."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lightkeeper.consequences.model import Band, Chain, ChainLink, Course
from lightkeeper.notices.picture import Picture

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
    hours = [h for h in SHOWN_HOURS if h in course.hours]
    table = Table(box=None)
    table.add_column("")
    for hour in hours:
        table.add_column(f"{hour} h", justify="right")
    rows = {
        "people without power": course.people_off,
        "people without heat": course.people_without_heat,
        "people in homes below 16 °C": course.people_below_16,
        "people in homes below 10 °C": course.people_below_10,
        **{
            f"out: {kind.replace('_', ' ')}, of {course.services_total[kind]}": band
            for kind, band in course.services_failed.items()
        },
    }
    for name, band in rows.items():
        table.add_row(name, *(_cell(band, course.hours.index(h)) for h in hours))
    console.print(table)
    _show_drains(console, picture, course)
    for chain in course.chains[:MAX_CHAINS]:
        console.print(f"  {escape(_chain(picture, chain))}")
    for note in course.notes:
        console.print(f"[dim]{escape(note)}[/]")


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

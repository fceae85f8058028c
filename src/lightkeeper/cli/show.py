"""The picture and its parts as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lightkeeper.claims.model import (
    Attribution,
    Certainty,
    Claim,
    ClaimId,
    PlaceRef,
    SpeakerRole,
    TimeRef,
)
from lightkeeper.cli.show_hours import show_hours
from lightkeeper.cli.show_plans import ORDERED_PLANS, PLANS
from lightkeeper.consequences.model import Distribution, Knowledge
from lightkeeper.errors import Problem
from lightkeeper.incidents.model import Fact, FieldStatus, Incident
from lightkeeper.notices.model import Audience, Notice
from lightkeeper.notices.picture import Picture
from lightkeeper.reports.source import SourceState
from lightkeeper.units import EXERCISE_MARK_EN, EXERCISE_MARK_UK

TROUBLED = frozenset({SourceState.FAILED, SourceState.SILENT, SourceState.UNWATCHED})
MAX_DISTRICTS = 25
MAX_ASSETS = 15

NOTHING_KNOWN = "no report: nothing is known"

SAID = {
    Certainty.OBSERVED: "stated as fact",
    Certainty.LIKELY: "called likely",
    Certainty.POSSIBLE: "called possible",
    Certainty.UNLIKELY: "called unlikely",
    Certainty.PRELIMINARY: "called preliminary",
    Certainty.UNKNOWN: "said to be unknown",
}
"""How a speaker puts it; a certainty says nothing of whether it is so."""

UNKNOWN_REASONS = {"stated": "said to be unknown", "not_mentioned": "nobody says"}

SPEAKERS = {
    SpeakerRole.SELF: "the report itself",
    SpeakerRole.SYSTEM_OPERATOR: "transmission system operator",
    SpeakerRole.DISTRIBUTION_OPERATOR: "distribution operator",
    SpeakerRole.UNNAMED: "someone unnamed",
}


def show_picture(console: Console, picture: Picture, *, asked_at: datetime | None = None) -> None:
    """Print the whole picture. `asked_at` is the past moment asked for."""
    show_mark(console, picture)
    asked = "" if asked_at is None else f"asked for {asked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC; "
    if picture.seq:
        known = f"last log entry {picture.seq} of {picture.as_of:%Y-%m-%d %H:%M} UTC"
    elif asked_at is not None:
        known = "no log entry by then"
    else:
        known = f"as of {picture.as_of:%Y-%m-%d %H:%M} UTC, nothing of it from the log"
    console.print(
        f"[bold]{escape(picture.region)}[/]  {asked}{known}, shown to: {picture.audience}"
    )
    reports = [r for r in picture.reports if not (r.is_retracted or r.replaced_by or r.deleted_at)]
    top = [i for i in picture.incidents if i.parent is None]
    n_reports = (
        "reports withheld" if "reports" in picture.held_back else f"{len(reports)} report(s)"
    )
    left_out = len(picture.reports) - len(reports)
    if left_out:
        n_reports += f" ({left_out} more retracted, replaced or deleted)"
    console.print(f"{n_reports}, {len(top)} top-level incident(s)")
    for source in picture.sources:
        if source.state in TROUBLED:
            why = f": {source.reason}" if source.reason else ""
            console.print(f"[yellow]source {escape(source.name)}[/] {escape(source.state + why)}")
    console.print()
    for incident in top:
        _show_incident(console, picture, incident, indent="")
    if picture.outside:
        console.print("[bold]Not of any incident[/] (context, narrative, out of scope)")
        for claim in picture.outside:
            console.print(f"  {_plain(claim.layer)}: {escape(claim_line(claim))}")
        console.print()
    if picture.calculation is None:
        if not reports:
            console.print(NOTHING_KNOWN)
        return
    show_consequences(console, picture)
    if picture.totals is not None:
        show_hours(console, picture)
    # Where nothing is known, only an order gives cause to plan.
    is_ordered = picture.shedding is None or picture.shedding.bound_mw > 0
    for name, show in PLANS.items():
        if picture.totals is not None or (name in ORDERED_PLANS and is_ordered):
            show(console, picture)
    show_notices(console, picture.notices)


def show_mark(console: Console, picture: Picture) -> None:
    """Print the exercise mark where the network is synthetic."""
    if picture.is_exercise:
        console.print(f"[bold reverse] {EXERCISE_MARK_EN} / {EXERCISE_MARK_UK} [/]")


def _show_incident(console: Console, picture: Picture, incident: Incident, indent: str) -> None:
    n_reports = f"{len(incident.reports)} report(s)" if incident.reports else "reports withheld"
    console.print(
        f"{indent}[bold]■ {escape(incident.title)}[/]  ({incident.id})\n"
        f"{indent}  {n_reports}, {incident.n_independent_sources} independent source(s); "
        f"place: {escape(_places(picture, incident.places))}; "
        f"time: {escape(say_time(incident.time))}"
    )
    claims = {claim.id: claim for claim in incident.claims}
    for fact in incident.facts:
        console.print(
            f"{indent}  • {_plain(fact.name)}: {escape(fact.value)}  "
            f"[dim]{escape(_standing(fact, claims))}, "
            f"{f'{len(fact.claims)} claim(s)' if fact.claims else 'claims withheld'}[/]"
        )
    for contradiction in incident.contradictions:
        sides = "  ≠  ".join(value for value, _ in contradiction.sides)
        console.print(
            f"{indent}  [yellow]≠ {_plain(contradiction.field)}[/]: {escape(sides)}"
            f" - {escape(contradiction.note)}"
        )
    for unknown in incident.unknowns:
        console.print(
            f"{indent}  [cyan]? {escape(_plain(unknown.subject))}[/]: "
            f"{UNKNOWN_REASONS.get(unknown.reason, _plain(unknown.reason))}"
        )
    if incident.claims:
        console.print(f"{indent}  claims:")
    for claim in incident.claims:
        console.print(f"{indent}    {escape(claim_line(claim))}")
    console.print()
    for child in picture.incidents:
        if child.parent == incident.id:
            _show_incident(console, picture, child, indent + "    ")


def claim_line(claim: Claim) -> str:
    """Return a claim in one line: what, in which words, who says it and how surely."""
    words = " ".join(claim.span.text.split())
    negated = "not " if claim.is_negated else ""
    said = f"{SAID[claim.certainty]} by {_speaker(claim.attribution)}"
    return f'{negated}{_plain(claim.kind)} "{words}" - {said} [{claim.id}]'


def _standing(fact: Fact, claims: Mapping[ClaimId, Claim]) -> str:
    """Say how a fact stands: who states it where it is told of another, else its status."""
    told = [claims[c].attribution for c in fact.claims if c in claims]
    speakers = dict.fromkeys(_speaker(a) for a in told if a.is_second_hand)
    said = SAID[fact.certainty]
    if fact.status is FieldStatus.ATTRIBUTED:
        return f"{said} by {', '.join(speakers)}" if speakers else f"{said} by someone else"
    if fact.status is FieldStatus.PRELIMINARY and fact.certainty is Certainty.PRELIMINARY:
        return "preliminary"
    return f"{_plain(fact.status)}, {said}"


def _speaker(attribution: Attribution) -> str:
    return attribution.name or SPEAKERS.get(attribution.role, _plain(attribution.role))


def _plain(code: str) -> str:
    """Return a code as words."""
    return code.replace("_", " ")


def _places(picture: Picture, places: Sequence[PlaceRef]) -> str:
    names = {p.code: p.name_en for p in picture.place_names}
    shown = [
        (p.text if p.code is None else names.get(p.code, p.text))
        + (f" ({p.part})" if p.part else "")
        for p in places
    ]
    unsaid = "not released" if "places" in picture.held_back else "not said"
    return ", ".join(dict.fromkeys(shown)) or unsaid


def say_time(time: TimeRef | None) -> str:
    """Return a time as far as the words go."""
    if time is None:
        return "not said"
    if time.from_at or time.to_at:
        start = f"{time.from_at:%Y-%m-%d %H:%M}" if time.from_at else "..."
        end = f"{time.to_at:%Y-%m-%d %H:%M}" if time.to_at else "..."
        return f"{start} to {end} UTC ({_plain(time.precision)})"
    relative = [_plain(w) for w in (time.weekday, time.part_of_day) if w]
    return f"{' '.join(relative) or time.text}, no date given"


def _range(figure: Distribution, unit: str = "") -> str:
    return f"{figure.median:,.0f} ({figure.p05:,.0f} to {figure.p95:,.0f}){unit}"


def show_consequences(console: Console, picture: Picture) -> None:
    """Print who is without power, and how near the network is to splitting."""
    totals = picture.totals
    if totals is None:
        is_public = picture.audience is Audience.PUBLIC
        console.print("no figure is released" if is_public else NOTHING_KNOWN, end="\n\n")
        return
    console.print(
        f"[bold]Consequences[/] median (5 % to 95 %) over {totals.people_off.n_scenarios:,} "
        f"scenarios, effective sample size {totals.people_off.effective_sample_size:,.0f}\n"
        f"  people without power: {_range(totals.people_off)} of {totals.population:,}\n"
        f"  unserved power: {_range(totals.unserved_mw, ' MW')} of {totals.demand_mw:,.0f} MW\n"
        f"  unserved energy over {totals.horizon_h:g} h if nothing is repaired: "
        f"{_range(totals.unserved_energy_mwh, ' MWh')}\n"
        f"  districts: {totals.n_districts_reported} with a report, "
        f"{totals.n_districts_without_report} with no report"
    )
    chance = "chance that half or more are off"
    table = Table("district", "known", "people off (5-95 %)", chance, title="Districts")
    known = [
        d
        for d in picture.districts
        if d.consequence.inferred or d.consequence.knowledge is not Knowledge.NO_REPORT
    ]
    rows = sorted(
        known,
        key=lambda d: (
            d.consequence.knowledge is Knowledge.NO_REPORT,
            -d.consequence.people_off.median,
            -d.consequence.people_off.p95,
        ),
    )
    for row in rows[:MAX_DISTRICTS]:
        c = row.consequence
        table.add_row(
            escape(row.name_en), _plain(c.knowledge), _range(c.people_off), f"{c.p_dark:.0%}"
        )
    console.print(table)
    if len(rows) > MAX_DISTRICTS:
        console.print(f"  and {len(rows) - MAX_DISTRICTS} more; --json has all")
    if len(known) < len(picture.districts):
        console.print(f"  no report from the other {len(picture.districts) - len(known)}")
    if picture.assets:
        table = Table("asset", "district", "impaired", "destroyed", "basis", title="Probably hurt")
        for asset in picture.assets[:MAX_ASSETS]:
            table.add_row(
                escape(asset.name),
                escape(asset.district_en or "-"),
                f"{asset.p_impaired:.0%}",
                f"{asset.p_destroyed:.0%}",
                _plain(asset.basis),
            )
        console.print(table)
    for group in picture.islands:
        parts = ", ".join(
            f"{i.n_buses} buses, {i.served_mw:,.0f} of {i.demand_mw:,.0f} MW served, "
            f"reserve {i.reserve_mw:,.0f} MW"
            for i in group.islands
        )
        console.print(f"  {group.probability:.0%}: {group.n_islands} island(s): {parts}")
    if picture.margin is not None:
        margin = picture.margin
        console.print(f"  margin: {escape(margin.reason)}")
        if margin.worst_element is not None:
            console.print(
                f"    worst single loss: {escape(margin.worst_element)}, "
                f"{margin.worst_unserved_mw:,.0f} MW"
            )
    console.print()


def show_notices(console: Console, notices: Iterable[Notice]) -> None:
    """Print drafts and published notices."""
    console.print("[bold]Notices[/]")
    for notice in notices:
        text = next(t for t in notice.texts if t.language == "en")
        who = "" if notice.approved_by is None else f" by {notice.approved_by}"
        state = "draft" if notice.approved_at is None else f"approved{who}"
        console.print(
            f"  {notice.id}  {_plain(notice.notice_class)}  {escape(state)}, may leave from "
            f"{notice.not_before:%Y-%m-%d %H:%M} UTC\n    {escape(text.headline)}"
        )


def show_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print every problem, errors before warnings."""
    for problem in sorted(problems, key=lambda p: p.is_warning):
        word = "[yellow]warning[/]" if problem.is_warning else "[red]error[/]"
        console.print(f"{word} {escape(str(problem))}")

"""Who says a thing, how sure they are of it and how it stands, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lightkeeper.claims.model import Certainty, Claim, ClaimId, SpeakerRole
from lightkeeper.incidents.brief.model import Listed
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import Fact, FieldStatus, Incident
from lightkeeper.incidents.origins import NAMED_BODIES, OFFICIAL, is_same_body
from lightkeeper.reports.model import Report, ReportId

MAX_SPEAKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourcing:
    """The claims, reports and source groups of one incident, looked up by id."""

    incident: Incident
    claims: Mapping[ClaimId, Claim]
    reports: Mapping[ReportId, Report]
    authors: Mapping[ReportId, SpeakerRole]
    sources_withheld: bool

    def told(self, ids: Sequence[ClaimId]) -> list[Claim]:
        """The claims of these ids that are held."""
        return [self.claims[i] for i in ids if i in self.claims]

    def siblings(self, report: ReportId) -> tuple[ReportId, ...]:
        """Reports of the same source as this one, itself included."""
        for group in self.incident.sources:
            if report in group.reports:
                return group.reports
        return (report,)

    def retellings(self, report: ReportId) -> tuple[ReportId, ...]:
        """Reports that retell what this one retells, itself included; none of a body's own posts.

        Posts of one channel are one source and no retellings of each other.
        """
        for group in self.incident.sources:
            if report in group.reports and "one channel" not in group.reason:
                return tuple(r for r in group.reports if r not in self.authors)
        return ()

    def role(self, claim: Claim) -> SpeakerRole:
        """Who says it: the role named, else the report's author where the channel tells one."""
        if claim.attribution.role is not SpeakerRole.SELF:
            return claim.attribution.role
        return self.authors.get(claim.report, SpeakerRole.SELF)

    def roles_held(self) -> set[SpeakerRole]:
        """Bodies whose own report is among those of the incident."""
        return {self.authors[r] for r in self.incident.reports if r in self.authors}

    def roles_not_held(self) -> dict[SpeakerRole, list[ClaimId]]:
        """Bodies that claims are attributed to, whose own report is not held; with the claims."""
        held = self.roles_held()
        found: dict[SpeakerRole, list[ClaimId]] = {}
        for claim in self.incident.claims:
            role = claim.attribution.role
            if role in NAMED_BODIES and not any(is_same_body(role, h) for h in held):
                found.setdefault(role, []).append(claim.id)
        return found


def say_speakers(claims: Sequence[Claim], sourcing: Sourcing, words: Words, form: str) -> str:
    """Those who tell, bodies before others, with the names as reports write them; "" for none.

    `form` "nom" or "gen". A report that speaks for itself is nobody to name.
    """
    told: dict[str, None] = {}
    for claim in claims:
        role = sourcing.role(claim)
        if role is SpeakerRole.SELF:
            continue
        said = words.code("role", role.value, form)
        name = claim.attribution.name
        if name is not None and role is claim.attribution.role:
            said = words.text("standing.named", role=said, name=words.quote(name))
        told.setdefault(said)
    # "the mayor (X)" makes a bare "the mayor" idle.
    kept = [t for t in told if not any(o != t and o.startswith(f"{t} (") for o in told)]
    return words.some(kept, MAX_SPEAKERS)


def say_speaker(claim: Claim, sourcing: Sourcing, words: Words, form: str) -> str:
    """Who tells one claim; the report itself where nobody is named."""
    return say_speakers([claim], sourcing, words, form) or words.code("role", "self", form)


def say_reports(claims: Sequence[Claim], sourcing: Sourcing, words: Words) -> str:
    """The reports that tell, by name: what stands where nobody is named."""
    names = dict.fromkeys(
        words.quote(name_of(sourcing.reports[c.report]))
        for c in claims
        if c.report in sourcing.reports
    )
    return words.some(list(names), MAX_SPEAKERS) or words.text("role.self.nom")


def name_of(report: Report) -> str:
    """A report as its readers know it: title, else channel, else the name of its file."""
    return report.title or report.channel or report.source.replace("\\", "/").rsplit("/", 1)[-1]


def say_standing(fact: Fact, sourcing: Sourcing, words: Words) -> tuple[str, tuple[Listed, ...]]:
    """How a fact stands, as the end of its sentence, and the things it counts.

    Which speakers, what they call it, whether other sources agree, and whether only one of several
    retellings has it.
    """
    if sourcing.sources_withheld or fact.name == "possible_second_attack":
        return "", ()  # a possible second attack says by itself who tells it and who does not
    claims = sourcing.told(fact.claims)
    speakers = say_speakers(claims, sourcing, words, "gen")
    parts: list[str] = []
    listed: list[Listed] = []
    told_by = {c.report for c in claims}
    retellings = {r for report in told_by for r in sourcing.retellings(report)}
    is_only_one = len(told_by) == 1 and told_by < retellings
    if fact.status is FieldStatus.ATTRIBUTED:
        parts.append(_attributed(claims, sourcing, words))
    elif fact.status is FieldStatus.CONFIRMED:
        own = [c for c in claims if sourcing.role(c) in OFFICIAL] or claims
        parts.append(
            words.text("standing.confirmed", speakers=say_speakers(own, sourcing, words, "gen"))
        )
    elif speakers:
        parts.append(words.text("standing.according_to", speakers=speakers))
    if fact.certainty is not Certainty.OBSERVED:
        parts.append(words.text(f"standing.{fact.certainty.value}"))
    match fact.status:
        case FieldStatus.CORROBORATED:
            sources = _sources(claims, sourcing)
            n = len(sources)
            parts.append(words.forms("standing.corroborated", n, n=words.number(n)))
            listed.append(Listed(what="sources", ids=sources))
        case FieldStatus.CONTRADICTED | FieldStatus.DENIED:
            parts.append(words.text(f"standing.{fact.status.value}"))
        case FieldStatus.REPORTED | FieldStatus.PRELIMINARY:
            if len({sourcing.siblings(c.report) for c in claims}) == 1 and not is_only_one:
                parts.append(words.text("standing.reported"))
        case _:
            pass
    if is_only_one:
        parts.append(words.text("standing.only_one", n=words.number(len(retellings))))
        listed.append(Listed(what="reports", ids=tuple(sorted(retellings))))
    return words.text("mark.clause").join(parts), tuple(listed)


def _attributed(claims: Sequence[Claim], sourcing: Sourcing, words: Words) -> str:
    """Attributed to bodies; that their own reports are not held is said where it is so."""
    missing = sourcing.roles_not_held()
    bodies = [c for c in claims if c.attribution.role in missing]
    key = "standing.attributed" if bodies else "standing.attributed_named"
    told = bodies or [c for c in claims if c.attribution.role is not SpeakerRole.SELF]
    return words.text(key, speakers=say_speakers(told, sourcing, words, "gen"))


def _sources(claims: Sequence[Claim], sourcing: Sourcing) -> tuple[str, ...]:
    """The first report of each source group that adds support and tells one of the claims."""
    told_by = {c.report for c in claims}
    return tuple(
        group.reports[0]
        for group in sourcing.incident.sources
        if group.adds_support and told_by & set(group.reports)
    )

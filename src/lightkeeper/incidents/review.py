"""The review queue: what a person should look at first, and why.

Each item is scored by what a decision would gain from a look, says its reason in a sentence, and
names the acts that settle it. What was settled no longer comes up: a merge or split that a person
decided, a report or claim taken back, an item let stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lightkeeper.claims.model import Certainty, Claim, ClaimId, ClaimKind, SpeakerRole
from lightkeeper.incidents.brief.facts import numbers_of
from lightkeeper.incidents.brief.model import LANGUAGES, Material
from lightkeeper.incidents.brief.standing import Sourcing, say_reports, say_speakers
from lightkeeper.incidents.brief.titles import say_title
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import (
    Fact,
    FieldStatus,
    Importance,
    Incident,
    IncidentId,
    MergeDecision,
    Similar,
)
from lightkeeper.reports.model import ReportId


class ReviewKind(StrEnum):
    """Why a person should look."""

    CONTRADICTION = "contradiction"
    SEVERE_SINGLE_SOURCE = "severe_single_source"
    SECOND_ATTACK = "second_attack"
    WEAK_MERGE = "weak_merge"
    NEARLY_MERGED = "nearly_merged"
    PLACE_NOT_KNOWN = "place_not_known"
    HEARSAY = "hearsay"
    UNATTRIBUTED = "unattributed"
    EMBELLISHMENT = "embellishment"
    ORIGIN_NOT_HELD = "origin_not_held"
    STILL_ASSESSED = "still_assessed"


class ReviewActKind(StrEnum):
    """What a person can do; every one of them is in the log and can be undone."""

    CONFIRM = "confirm"
    MERGE = "merge"
    SPLIT = "split"
    RETRACT_REPORT = "retract_report"
    RETRACT_CLAIM = "retract_claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAct:
    """One act and what it is done to."""

    kind: ReviewActKind
    reports: tuple[ReportId, ...] = ()
    claim: ClaimId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """One thing to look at.

    `score` from 0 to 1, the higher the more a decision hangs on it; `reason` a sentence for each
    language; `other` the second incident where two are concerned.
    """

    id: str
    kind: ReviewKind
    incident: IncidentId
    other: IncidentId | None
    score: float
    title: Mapping[str, str]
    reason: Mapping[str, str]
    claims: tuple[ClaimId, ...]
    reports: tuple[ReportId, ...]
    acts: tuple[ReviewAct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """The weakest tie that holds an incident together: two reports and how sure it is."""

    incident: IncidentId
    reports: tuple[ReportId, ReportId]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOptions:
    """`weak_below`: ties less sure than this are shown. `stale_h`: "still being assessed" is old
    after so many hours. `many_customers`: an outage from here on is severe.
    """

    weak_below: float = 0.97
    nearly_from: float = 0.5
    stale_h: float = 6.0
    many_customers: int = 10_000
    time_zone: str = "Europe/Kyiv"


WEIGHT = {
    ReviewKind.CONTRADICTION: 1.0,
    ReviewKind.SEVERE_SINGLE_SOURCE: 0.85,
    ReviewKind.WEAK_MERGE: 0.8,
    ReviewKind.NEARLY_MERGED: 0.75,
    ReviewKind.SECOND_ATTACK: 0.7,
    ReviewKind.HEARSAY: 0.6,
    ReviewKind.UNATTRIBUTED: 0.55,
    ReviewKind.STILL_ASSESSED: 0.5,
    ReviewKind.ORIGIN_NOT_HELD: 0.45,
    ReviewKind.PLACE_NOT_KNOWN: 0.4,
    ReviewKind.EMBELLISHMENT: 0.35,
}
"""How much each kind can weigh at most; docs/method/brief.md says why in this order."""

_IMPORTANCE = {Importance.HIGH: 1.0, Importance.MEDIUM: 0.6, Importance.LOW: 0.3}
_FIELD = {
    **dict.fromkeys(("casualties", "without_power", "outage", "restored", "power_back"), 1.0),
    **dict.fromkeys(("damage", "strikes", "strike", "explosions", "possible_second_attack"), 0.8),
    **dict.fromkeys(("services", "repair", "alert", "schedule"), 0.6),
}
"""How much hangs on a field; the others weigh `_OTHER_FIELD`."""

_OTHER_FIELD = 0.4
_SEVERE = frozenset({ClaimKind.CASUALTIES, ClaimKind.OUTAGE, ClaimKind.DAMAGE, ClaimKind.STRIKE})
_NAMELESS = frozenset({SpeakerRole.UNNAMED, SpeakerRole.SOCIAL_MEDIA})


def find_reviews(
    material: Material,
    *,
    similar: Mapping[IncidentId, Sequence[Similar]],
    ties: Iterable[Tie],
    decisions: Sequence[MergeDecision],
    settled: frozenset[str],
    heard_at: Mapping[ReportId, datetime],
    now: datetime,
    options: ReviewOptions | None = None,
) -> tuple[ReviewItem, ...]:
    """List what should be looked at, what weighs most first.

    Parameters
    ----------
    similar, ties
        Of the reconciler: what might be one event with what, and what barely is.
    settled
        Ids of items that people let stand. An item whose claims change is another item: what is
        new about it has not been looked at.
    heard_at
        When each report was published, else received.
    """
    options = options or ReviewOptions()
    desk = _Desk(material, options)
    found = [
        *(item for incident in material.incidents for item in desk.of_incident(incident)),
        *(item for incident in material.incidents for item in desk.stale(incident, heard_at, now)),
        *desk.weak_merges(ties, decisions),
        *desk.nearly_merged(similar, decisions),
    ]
    unique = {item.id: item for item in found if item.id not in settled}
    return tuple(sorted(unique.values(), key=lambda i: (-i.score, i.kind.value, i.id)))


class _Desk:
    """Finds the items of each kind; holds the words of both languages."""

    def __init__(self, material: Material, options: ReviewOptions) -> None:
        self._material, self._options = material, options
        self._words = {
            language: Words(language, material.gazetteer, options.time_zone, material.as_of)
            for language in LANGUAGES
        }
        self._incidents = {i.id: i for i in material.incidents}

    def of_incident(self, incident: Incident) -> Iterator[ReviewItem]:
        """What is doubtful within one incident."""
        sourcing = Sourcing(
            incident=incident,
            claims={c.id: c for c in incident.claims},
            reports=self._material.reports,
            authors=self._material.authors,
            sources_withheld=False,
        )
        yield from self._contradictions(incident, sourcing)
        for fact in incident.facts:
            claims = sourcing.told(fact.claims)
            if claims:
                yield from self._of_fact(incident, fact, claims, sourcing)
        for claim in incident.claims:
            yield from self._of_claim(incident, claim, sourcing)
        yield from self._not_held(incident, sourcing)

    def _contradictions(self, incident: Incident, sourcing: Sourcing) -> Iterator[ReviewItem]:
        for contradiction in incident.contradictions:
            ids = [i for _, side in contradiction.sides for i in side]
            claims = sourcing.told(ids)
            if contradiction.field == "possible_second_attack" or not claims:
                continue
            yield self._item(
                ReviewKind.CONTRADICTION,
                incident,
                claims,
                share=_share(contradiction.importance, contradiction.field),
                subject=contradiction.field,
                key=f"review.contradiction_{contradiction.field}",
                otherwise="review.contradiction",
                acts=(*_confirm(), *_retract_reports(claims)),
            )

    def _of_fact(
        self, incident: Incident, fact: Fact, claims: Sequence[Claim], sourcing: Sourcing
    ) -> Iterator[ReviewItem]:
        acts = (*_confirm(), *_retract_claims(claims))
        if fact.name == "possible_second_attack":
            yield self._item(
                ReviewKind.SECOND_ATTACK, incident, claims, share=1.0, key="review.second_attack",
                acts=acts,
            )  # fmt: skip
            return
        severity = self._severity(fact, claims)
        is_single = fact.n_sources <= 1 and fact.status in (
            FieldStatus.REPORTED,
            FieldStatus.ATTRIBUTED,
            FieldStatus.PRELIMINARY,
        )
        if severity > 0 and is_single:
            yield self._item(
                ReviewKind.SEVERE_SINGLE_SOURCE,
                incident,
                claims,
                share=severity,
                subject=fact.name,
                key=f"review.single_{fact.name}",
                otherwise="review.single",
                speakers=claims,
                sourcing=sourcing,
                acts=(*_confirm(), *_retract_reports(claims)),
            )
        told_by = {c.report for c in claims}
        retold = {r for report in told_by for r in sourcing.retellings(report)}
        if len(told_by) == 1 and told_by < retold and severity == 0:
            yield self._item(
                ReviewKind.EMBELLISHMENT, incident, claims, share=_field(fact.name),
                subject=fact.name, key="review.embellishment", n=len(retold), acts=acts,
            )  # fmt: skip

    def _severity(self, fact: Fact, claims: Sequence[Claim]) -> float:
        """How grave a fact is, 0 for what no decision hangs on."""
        numbers = [numbers_of(c) for c in claims]
        most = {
            unit: max(
                (n.best or n.min or 0) for told in numbers for u, n in told.items() if u == unit
            )
            for unit in {u for told in numbers for u in told}
        }
        match fact.name:
            case "casualties":
                return 1.0 if most.get("killed") else 0.8 if most.get("injured") else 0.0
            case "without_power":
                people = max(
                    (most.get(u, 0) for u in ("customers", "households", "people")), default=0
                )
                if people >= self._options.many_customers:
                    return 0.9
                return 0.4 if people else 0.0
            case "damage":
                return 0.7 if any(c.effect == "destroyed" for c in claims) else 0.0
            case "restored":
                return 0.7 if any(c.effect == "full" for c in claims) else 0.0
            case _:
                return 0.0

    def _of_claim(
        self, incident: Incident, claim: Claim, sourcing: Sourcing
    ) -> Iterator[ReviewItem]:
        if claim.is_negated:
            return  # a denial is shown as a fact, and as a contradiction where it is one
        acts = (*_confirm(), *_retract_claims([claim]))
        weight = 1.0 if claim.kind in _SEVERE else 0.6
        if claim.certainty is Certainty.UNKNOWN:
            yield self._item(
                ReviewKind.HEARSAY, incident, [claim], share=weight, key="review.hearsay",
                quote=claim, acts=acts,
            )  # fmt: skip
        elif claim.attribution.role in _NAMELESS and claim.kind in _SEVERE:
            yield self._item(
                ReviewKind.UNATTRIBUTED, incident, [claim], share=weight,
                key="review.unattributed", quote=claim, acts=acts,
            )  # fmt: skip
        unknown = [p.text for p in claim.places if p.code is None]
        if unknown:
            yield self._item(
                ReviewKind.PLACE_NOT_KNOWN, incident, [claim], share=weight,
                key="review.place_not_known", named=unknown[0], acts=acts,
            )  # fmt: skip

    def _not_held(self, incident: Incident, sourcing: Sourcing) -> Iterator[ReviewItem]:
        for role, ids in sourcing.roles_not_held().items():
            claims = sourcing.told(ids)
            yield self._item(
                ReviewKind.ORIGIN_NOT_HELD,
                incident,
                claims,
                share=max(_field(c.kind.value) for c in claims),
                subject=role.value,
                key="review.origin_not_held",
                speakers=claims,
                sourcing=sourcing,
                acts=_confirm(),
            )

    def stale(
        self, incident: Incident, heard_at: Mapping[ReportId, datetime], now: datetime
    ) -> Iterator[ReviewItem]:
        """What was said to be still unknown so long ago that somebody should ask again."""
        of = {c.id: c for c in incident.claims}
        for unknown in incident.unknowns:
            claims = [of[i] for i in unknown.claims if i in of]
            times = [heard_at[c.report] for c in claims if c.report in heard_at]
            if unknown.reason != "stated" or not times:
                continue
            age = now - max(times)
            if age < timedelta(hours=self._options.stale_h):
                continue
            hours = int(age / timedelta(hours=1))
            yield self._item(
                ReviewKind.STILL_ASSESSED,
                incident,
                claims,
                share=_IMPORTANCE[unknown.importance] * min(1.0, 0.5 + hours / 48),
                subject=unknown.subject,
                key=f"review.stale_{unknown.subject}",
                otherwise="review.stale",
                acts=_confirm(),
            )

    def weak_merges(
        self, ties: Iterable[Tie], decisions: Sequence[MergeDecision]
    ) -> Iterator[ReviewItem]:
        """Incidents that barely hold together, unless a person said that they do."""
        decided = [set(d.reports) for d in decisions]
        for tie in ties:
            incident = self._incidents.get(tie.incident)
            if incident is None or tie.probability >= self._options.weak_below:
                continue
            if any(set(tie.reports) <= reports for reports in decided):
                continue
            claims = [c for c in incident.claims if c.report in tie.reports]
            yield self._item(
                ReviewKind.WEAK_MERGE,
                incident,
                _first_of_each(claims),
                share=min(1.0, (1.0 - tie.probability) / (1.0 - 0.9)),
                subject=" ".join(sorted(tie.reports)),
                key="review.weak_merge",
                percent=tie.probability,
                reports=tie.reports,
                acts=(
                    ReviewAct(kind=ReviewActKind.MERGE, reports=tie.reports),
                    ReviewAct(kind=ReviewActKind.SPLIT, reports=tie.reports),
                ),
            )

    def nearly_merged(
        self, similar: Mapping[IncidentId, Sequence[Similar]], decisions: Sequence[MergeDecision]
    ) -> Iterator[ReviewItem]:
        """Pairs of incidents that may be one, each pair once, unless a person split them."""
        apart = [set(d.reports) for d in decisions if d.kind == "split"]
        for first, others in similar.items():
            for other in others:
                a, b = self._incidents.get(first), self._incidents.get(other.incident)
                if a is None or b is None or a.id >= b.id:
                    continue
                if other.probability < self._options.nearly_from or set(a.reports) & set(b.reports):
                    continue
                reports = (*a.reports, *b.reports)
                pair = (a.reports[0], b.reports[0])
                if any(set(pair) <= split for split in apart):
                    continue
                # What rules two out is stronger than any likeness: it only may be wrong itself.
                share = other.probability if other.ruled_out is None else 0.5 * other.probability
                yield self._item(
                    ReviewKind.NEARLY_MERGED,
                    a,
                    _first_of_each([*a.claims, *b.claims]),
                    share=min(1.0, share),
                    subject=b.id,
                    key="review.nearly_merged"
                    if other.ruled_out is None
                    else "review.nearly_ruled_out",
                    percent=other.probability,
                    other=b,
                    reports=reports,
                    acts=(
                        ReviewAct(kind=ReviewActKind.MERGE, reports=reports),
                        ReviewAct(kind=ReviewActKind.SPLIT, reports=pair),
                    ),
                )

    def _item(
        self,
        kind: ReviewKind,
        incident: Incident,
        claims: Sequence[Claim],
        *,
        share: float,
        key: str,
        acts: tuple[ReviewAct, ...],
        subject: str = "",
        otherwise: str = "",
        other: Incident | None = None,
        reports: tuple[ReportId, ...] = (),
        speakers: Sequence[Claim] = (),
        sourcing: Sourcing | None = None,
        quote: Claim | None = None,
        named: str = "",
        n: int = 0,
        percent: float = 0.0,
    ) -> ReviewItem:
        reasons, titles = {}, {}
        for language, words in self._words.items():
            who = ""
            if sourcing is not None:
                who = say_speakers(speakers, sourcing, words, "nom") or say_reports(
                    speakers, sourcing, words
                )
            titles[language] = say_title(incident, words)
            reasons[language] = words.text(
                key if words.find(key) is not None else otherwise,
                speakers=who,
                quote="" if quote is None else words.quote(quote.span.text),
                named=words.quote(named),
                n=words.number(n),
                percent=f"{percent:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
                if language == "uk"
                else f"{percent:.0%}",
                other="" if other is None else say_title(other, words),
            )
        ids = tuple(c.id for c in claims)
        return ReviewItem(
            id=_item_id(kind, subject, ids),
            kind=kind,
            incident=incident.id,
            other=None if other is None else other.id,
            score=round(WEIGHT[kind] * share, 3),
            title=titles,
            reason=reasons,
            claims=ids,
            reports=reports or tuple(dict.fromkeys(c.report for c in claims)),
            acts=acts,
        )


def _field(name: str) -> float:
    return _FIELD.get(name, _OTHER_FIELD)


def _share(importance: Importance, field: str) -> float:
    """Casualties, who is dark and who is back weigh nearly in full whatever they differ in."""
    least = 0.9 if _field(field) == 1.0 else 0.0
    return max(_IMPORTANCE[importance] * _field(field), least)


def _item_id(kind: ReviewKind, subject: str, claims: Sequence[ClaimId]) -> str:
    """The same item has the same id while it stands on the same claims."""
    content = "\x00".join((kind.value, subject, *sorted(claims)))
    return f"{kind.value}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _confirm() -> tuple[ReviewAct, ...]:
    return (ReviewAct(kind=ReviewActKind.CONFIRM),)


def _retract_reports(claims: Sequence[Claim]) -> tuple[ReviewAct, ...]:
    reports = dict.fromkeys(c.report for c in claims)
    return tuple(ReviewAct(kind=ReviewActKind.RETRACT_REPORT, reports=(r,)) for r in reports)


def _retract_claims(claims: Sequence[Claim]) -> tuple[ReviewAct, ...]:
    return tuple(ReviewAct(kind=ReviewActKind.RETRACT_CLAIM, claim=c.id) for c in claims)


def _first_of_each(claims: Sequence[Claim]) -> list[Claim]:
    first: dict[ReportId, Claim] = {}
    for claim in claims:
        first.setdefault(claim.report, claim)
    return list(first.values())

"""How a value stands, by stated rules, from the claims behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lightkeeper.claims.model import Certainty, Claim, Count, SpeakerRole
from lightkeeper.incidents.model import FieldStatus
from lightkeeper.incidents.origins import OFFICIAL, Author, is_same_body
from lightkeeper.incidents.sources import Sources
from lightkeeper.reports.model import Report, ReportId

_WEAKEST_FIRST = (
    Certainty.UNKNOWN,
    Certainty.UNLIKELY,
    Certainty.POSSIBLE,
    Certainty.PRELIMINARY,
    Certainty.LIKELY,
    Certainty.OBSERVED,
)
_NOBODY = frozenset({SpeakerRole.SELF, SpeakerRole.MEDIA, SpeakerRole.UNNAMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The reports of an incident, their authors and their source groups.

    `replaced_by` has, for each report of which a later version is here, that version; `withdrawn`
    the numbers that such reports told.
    """

    reports: dict[ReportId, Report]
    authors: dict[ReportId, Author]
    sources: Sources
    replaced_by: Mapping[ReportId, ReportId] = field(default_factory=dict)
    withdrawn: tuple[Count, ...] = ()


def weakest(claims: Sequence[Claim]) -> Certainty:
    """Weakest certainty of the claims: a merged value is no surer than its least sure teller."""
    return min((c.certainty for c in claims), key=_WEAKEST_FIRST.index)


def status_of(claims: Sequence[Claim], standing: Standing) -> FieldStatus:
    """Status of a value that all `claims` agree on.

    Corroborated: told by two groups that each add support. Confirmed: said without reserve in the
    own report of an official body. Preliminary: the speaker calls it so. Attributed: a report says
    that a body said it, and the body's own report is not held. Reported: anything less.
    """
    if len(supporting_groups(claims, standing)) > 1:
        return FieldStatus.CORROBORATED
    if any(_is_own_word(c, standing) and c.certainty is Certainty.OBSERVED for c in claims):
        return FieldStatus.CONFIRMED
    if weakest(claims) is Certainty.PRELIMINARY:
        return FieldStatus.PRELIMINARY
    if any(c.attribution.role not in _NOBODY for c in claims):
        return FieldStatus.ATTRIBUTED
    return FieldStatus.REPORTED


def supporting_groups(claims: Sequence[Claim], standing: Standing) -> set[int]:
    """Independent sources that tell any of the claims."""
    groups = {standing.sources.group_of[c.report] for c in claims}
    return {g for g in groups if standing.sources.groups[g].adds_support}


def _is_own_word(claim: Claim, standing: Standing) -> bool:
    author = standing.authors[claim.report]
    if author.role not in OFFICIAL:
        return False
    role = claim.attribution.role
    return role is SpeakerRole.SELF or is_same_body(role, author.role)

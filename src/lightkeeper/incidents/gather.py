"""What merging finds, gathered field by field."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from lightkeeper.claims.model import Claim, Count
from lightkeeper.incidents.importance import grade
from lightkeeper.incidents.model import Contradiction, Fact, FieldStatus, Replacement, Superseded
from lightkeeper.incidents.support import Standing, status_of, supporting_groups, weakest
from lightkeeper.reports.model import ReportId


@dataclass(frozen=True, slots=True)
class Told:
    """One value of one field and the claims that tell it."""

    value: str
    claims: tuple[Claim, ...]
    count: Count | None = None


@dataclass(slots=True)
class Gathered:
    """Facts, contradictions and superseded values of one incident."""

    standing: Standing
    facts: list[Fact] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    superseded: list[Superseded] = field(default_factory=list)

    def add(
        self,
        name: str,
        value: str,
        claims: Sequence[Claim],
        status: FieldStatus | None = None,
        count: Count | None = None,
    ) -> None:
        """Add a fact; its status follows from the claims unless one is given."""
        self.facts.append(
            Fact(
                name=name,
                value=value,
                certainty=weakest(claims),
                status=status or status_of(claims, self.standing),
                claims=tuple(c.id for c in claims),
                n_sources=len(supporting_groups(claims, self.standing)),
                count=count,
            )
        )

    def contradict(self, name: str, told: Sequence[Told], note: str) -> None:
        """Add values that do not agree."""
        sides = tuple((t.value, tuple(c.id for c in t.claims)) for t in told)
        self.contradictions.append(
            Contradiction(field=name, sides=sides, note=note, importance=grade(name))
        )

    def supersede(
        self,
        name: str,
        old: Told,
        new: Told,
        how: Replacement = Replacement.UPDATE,
        *,
        by: ReportId | None = None,
    ) -> None:
        """Add a value that a later one replaced; `by` is the report where no claim replaces it."""
        self.superseded.append(
            Superseded(
                field=name,
                old=old.value,
                new=new.value,
                by=by or new.claims[-1].report,
                claims=tuple(c.id for c in (*old.claims, *new.claims)),
                how=how,
                old_count=old.count,
                new_count=new.count,
            )
        )

    def published(self, claim: Claim) -> float:
        """Instant a claim's report was published, as a number; NaN where it has none."""
        at = self.standing.reports[claim.report].published_at
        return math.nan if at is None else at.timestamp()

    def is_later(self, later: Claim, earlier: Claim) -> bool:
        """Whether one claim was published after another; undated reports are never later."""
        return self.published(later) > self.published(earlier)

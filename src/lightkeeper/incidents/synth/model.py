"""What a synthetic stream of reports is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lightkeeper.claims.model import Claim
from lightkeeper.reports.model import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthOptions:
    """How long, how much and how hard.

    `difficulty_pu` runs from 0 (every post names its town and tells what it knows at once) to 1: of
    posts, a share names only the district, says less, comes late, or has its number wrong; more are
    rewrites, embellished ones too; towns are struck again the next night with the same weapon and
    nearly the same numbers, and so are their neighbours. `posts_per_strike` is the mean.
    """

    start: datetime
    n_nights: int = 10
    strikes_per_night: float = 4.0
    posts_per_strike: float = 9.0
    difficulty_pu: float = 0.3
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthPost:
    """A report, the claims that a perfect reader would find in it, and the event that it is of.

    `event` is None for what is of no event. `is_own_word`: the teller knows it itself.
    """

    report: Report
    claims: tuple[Claim, ...]
    event: str | None
    is_own_word: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthStream:
    """Posts in order of publication and the truth about them.

    `parent_of` is the wave of each strike that is part of one; `explosions` the true number of each
    event; `look_alikes` pairs of events at one town on two nights, or at two towns of one raion on
    one night.
    """

    posts: tuple[SynthPost, ...]
    parent_of: dict[str, str]
    explosions: dict[str, int]
    look_alikes: tuple[tuple[str, str], ...]

"""A brief: what is known of incidents, sentence by sentence, each with the claims it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lightkeeper.claims.model import Certainty, Claim, ClaimId, ClaimKind, Layer, SpeakerRole
from lightkeeper.incidents.model import FieldStatus, Incident, IncidentId
from lightkeeper.region import Gazetteer, PlaceCode
from lightkeeper.reports.model import Report, ReportId

LANGUAGES = ("uk", "en")


class Sort(StrEnum):
    """What a sentence is: a fact and what stands beside facts are never of one sort."""

    OVERVIEW = "overview"
    SOURCES = "sources"
    FACT = "fact"
    CONTRADICTION = "contradiction"
    UNCORROBORATED = "uncorroborated"
    DENIAL = "denial"
    RUMOUR = "rumour"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"
    EMBELLISHMENT = "embellishment"
    NARRATIVE = "narrative"
    FORECAST = "forecast"
    BACKGROUND = "background"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A number in a sentence that is the number of things listed: `what`, and their ids."""

    what: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence and the claims it stands on.

    `claims` is empty only where `sources_withheld`. `field` is the fact's name ("explosions"),
    `status` how its value stands, None where it is no fact. Every number in `text` is told by one
    of the claims, or is the length of one of `listed`.
    """

    text: str
    sort: Sort
    claims: tuple[ClaimId, ...]
    field: str = ""
    status: FieldStatus | None = None
    listed: tuple[Listed, ...] = ()
    sources_withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Sentences of one matter; `key` names it ("event", "power", "people", "unknown", ...)."""

    key: str
    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A matter the claims are about, and how many claims are about it."""

    key: str
    label: str
    claims: tuple[ClaimId, ...]
    n_claims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened when.

    `basis` "said": the words give the time; "told": it was published then, when it happened is not
    said; "relative": only the order or the day of the week is said; "none": not even that.
    """

    when: str
    basis: str
    from_at: datetime | None
    to_at: datetime | None
    sentence: Sentence
    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A person, body, place, asset or event and the claims that name it."""

    id: str
    kind: str
    label: str
    claims: tuple[ClaimId, ...]
    reports: tuple[ReportId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """How two nodes hang together.

    `kind` is "tells_of", "at", "hits", "speaks_for", "within", "before" or "part_of", `label` its
    words. `is_certain` is False for what is uncorroborated, or told as colour.
    """

    source: str
    target: str
    kind: str
    label: str
    claims: tuple[ClaimId, ...]
    is_certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityGraph:
    """Who and what the claims name. Every edge joins two of the nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentBrief:
    """What is known of one incident. `takeaways` are sentences of `retelling`, the weightiest."""

    id: IncidentId
    title: str
    kind: str
    parent: IncidentId | None
    takeaways: tuple[Sentence, ...]
    retelling: tuple[Paragraph, ...]
    reports: tuple[ReportId, ...]
    n_independent_sources: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footnote:
    """One claim that sentences end in, by its number."""

    number: int
    claim: ClaimId
    report: ReportId
    kind: ClaimKind
    layer: Layer
    start: int
    end: int
    quote: str
    speaker: SpeakerRole
    speaker_name: str | None
    certainty: Certainty
    time_text: str | None
    from_at: datetime | None
    to_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefSource:
    """A report that footnotes are of; `origin` says what it is one source with, "" for nothing."""

    report: ReportId
    name: str
    language: str | None
    published_at: datetime | None
    published: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A brief of one incident, a place or a period, in one language.

    `held_back` says what this audience does not get, `note` why there is nothing to tell, "" where
    there is. Times in texts go by `time_zone`; all other
    instants are UTC.
    """

    language: str
    audience: str
    scope: str
    title: str
    subtitle: str
    as_of: datetime
    time_zone: str
    is_exercise: bool
    held_back: tuple[str, ...]
    note: str
    overview: tuple[Sentence, ...]
    incidents: tuple[IncidentBrief, ...]
    themes: tuple[Theme, ...]
    timeline: tuple[TimelineEntry, ...]
    graph: EntityGraph
    footnotes: tuple[Footnote, ...]
    sources: tuple[BriefSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a brief is of: one incident with its parts, a place, a period, or any mix of the last
    two. `kind` is "incident", "place", "period" or "all".
    """

    incident: IncidentId | None = None
    place: PlaceCode | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None

    @property
    def kind(self) -> str:
        """Which of the four it is."""
        if self.incident is not None:
            return "incident"
        if self.place is not None:
            return "place"
        return "all" if self.from_at is None and self.to_at is None else "period"


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefOptions:
    """`language` "uk" or "en"; instants are said by the clock of `time_zone`, an IANA name.

    A brief of many incidents has at most `max_takeaways_each` of each, instead of `max_takeaways`.
    """

    language: str = "uk"
    time_zone: str = "Europe/Kyiv"
    max_takeaways: int = 7
    max_takeaways_each: int = 4
    max_graph_nodes: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a brief is made from, already as its audience may see it.

    `reports` hold the texts the claims are of, `authors` the official bodies among their authors;
    `outside` are the claims of no incident. Who says what is not told where `sources_withheld`.
    """

    incidents: Sequence[Incident]
    outside: Sequence[Claim]
    reports: Mapping[ReportId, Report]
    gazetteer: Gazetteer
    as_of: datetime
    authors: Mapping[ReportId, SpeakerRole] = field(default_factory=dict)
    audience: str = "official"
    is_exercise: bool = False
    held_back: tuple[str, ...] = ()
    sources_withheld: bool = False

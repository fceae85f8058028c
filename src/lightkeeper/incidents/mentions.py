"""Reconciling event mentions that someone else found in texts, and scoring the outcome.

For sets of cross-document event coreference: each mention is a trigger word in a document, with
what is known of its sort, places, times and participants. It goes the same way as an account of a
report: pairs are weighed within a block and joined best first.

A trigger word says less than a report, so the evidence is another: the word itself, who took part,
where and when, what else the two documents speak of.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from lightkeeper.errors import InputError
from lightkeeper.incidents.cluster import Link, group_accounts
from lightkeeper.incidents.model import IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One event mention.

    `topic` bounds what can corefer (a set's own grouping of documents; one topic if not given).
    `sentence` is the text around it; `gold` the true chain, where known.
    """

    id: str
    document: str
    text: str
    lemma: str
    topic: str = ""
    sort: str | None = None
    places: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    participants: frozenset[str] = frozenset()
    sentence: str = ""
    gold: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionOptions:
    """Weights as natural log-odds, set by hand on a small set of the project's own.

    `min_log_odds`: two groups join from here on. `document_weight` is of the likeness of the two
    documents, from 0 to 1; `sentence_weight` of that of the two sentences. `inherited_pu`: what a
    mention's document says of place, time and people counts so much of what it says itself.
    """

    min_log_odds: float = 0.0
    prior: float = -4.0
    same_lemma: float = 2.6
    near_lemma: float = 1.3
    other_word_beside: float = -1.0
    same_sort: float = 1.0
    same_place: float = 0.8
    other_place: float = -3.0
    same_time: float = 0.8
    other_time: float = -2.0
    same_participant: float = 1.0
    other_participant: float = -1.0
    document_weight: float = 8.0
    sentence_weight: float = 2.0
    other_number: float = -1.0
    inherited_pu: float = 0.5


def read_mentions(lines: Iterable[str], where: str) -> list[Mention]:
    """Read mentions from JSON Lines.

    Each line has `document` and `text`; and may have `id` (else made of document and number),
    `lemma`, `topic`, `type`, `sentence`, `gold`, and `places`, `times`, `participants`, lists of
    words.

    Raises
    ------
    InputError
        A line is no such object, or an id comes twice.
    """
    mentions: list[Mention] = []
    known: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text = str(row["text"])
            mention = Mention(
                id=str(row.get("id") or f"{row['document']}:{number}"),
                document=str(row["document"]),
                text=text,
                lemma=str(row.get("lemma") or text).casefold(),
                topic=str(row.get("topic") or ""),
                sort=row.get("type"),
                places=_words(row.get("places")),
                times=_words(row.get("times")),
                participants=_words(row.get("participants")),
                sentence=str(row.get("sentence") or ""),
                gold=None if row.get("gold") is None else str(row["gold"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{where}, line {number}: not a mention ({error}); give JSON Lines with document "
                "and text"
            ) from error
        if mention.id in known:
            raise InputError(f'{where}, line {number}: mention "{mention.id}" comes twice')
        known.add(mention.id)
        mentions.append(mention)
    return mentions


def _words(held: object) -> frozenset[str]:
    words = [held] if isinstance(held, str) else held
    return frozenset(str(w).casefold().strip() for w in words) if isinstance(words, list) else _NONE


_NONE: frozenset[str] = frozenset()


def reconcile_mentions(
    mentions: Sequence[Mention], options: MentionOptions | None = None
) -> list[frozenset[str]]:
    """Group mentions of one event; every mention is in exactly one group.

    Compared are mentions of one topic whose lemmas begin alike, or that share a participant
    together with a place or a time, or a sort and a place. Groups join on their best pair
    as long as no two mentions between them speak clearly against it.
    """
    options = options or MentionOptions()
    by_id = {IncidentId(m.id): m for m in mentions}
    documents = _Documents(mentions)
    weights: dict[tuple[IncidentId, IncidentId], float] = {}
    links: list[Link] = []
    for a, b in _candidates(mentions):
        weight = weigh_mentions(a, b, documents, options)
        first, second = IncidentId(min(a.id, b.id)), IncidentId(max(a.id, b.id))
        weights[first, second] = weight
        if weight >= options.min_log_odds:
            links.append(Link((1, -weight, first, second), first, second))

    def apart(x: IncidentId, y: IncidentId, _: bool) -> bool:
        pair = (x, y) if x <= y else (y, x)
        weight = weights.get(pair)
        if weight is None:
            weight = weights[pair] = weigh_mentions(by_id[x], by_id[y], documents, options)
        return weight < options.min_log_odds - _SLACK

    groups, _ = group_accounts(by_id, links, apart)
    return [frozenset(g.members) for g in groups]


_SLACK = 2.5
"""How far below the bar a pair within a group may be: chains through a third are wanted, leaps are
not."""


def lemma_baseline(mentions: Sequence[Mention], delta: float | None = None) -> list[frozenset[str]]:
    """The field's baseline: one event for all mentions of one lemma in a topic.

    With `delta`, only where the two documents are alike by at least so much (cosine of tf-idf over
    their sentences): the lemma-delta baseline.
    """
    if delta is None:
        by_lemma: dict[tuple[str, str], set[str]] = defaultdict(set)
        for m in mentions:
            by_lemma[m.topic, m.lemma].add(m.id)
        return [frozenset(group) for group in by_lemma.values()]
    documents = _Documents(mentions)
    links = [
        Link((1, 0.0, IncidentId(a.id), IncidentId(b.id)), IncidentId(a.id), IncidentId(b.id))
        for a, b in _candidates(mentions)
        if a.lemma == b.lemma and documents.likeness(a.document, b.document) >= delta
    ]
    groups, _ = group_accounts([IncidentId(m.id) for m in mentions], links, lambda *_: False)
    return [frozenset(g.members) for g in groups]


def weigh_mentions(a: Mention, b: Mention, documents: _Documents, options: MentionOptions) -> float:
    """Log-odds that two mentions are of one event."""
    if a.topic != b.topic or (a.sort and b.sort and a.sort != b.sort):
        return -math.inf
    weight = options.prior
    if a.lemma == b.lemma:
        weight += options.same_lemma
    elif _is_near(a.lemma, b.lemma):
        weight += options.near_lemma
    elif a.document == b.document:
        weight += options.other_word_beside
    if a.sort and a.sort == b.sort:
        weight += options.same_sort
    for kind, same, other in (
        ("places", options.same_place, options.other_place),
        ("times", options.same_time, options.other_time),
        ("participants", options.same_participant, options.other_participant),
    ):
        ours, is_own = documents.told(a, kind)
        theirs, is_own_too = documents.told(b, kind)
        if ours and theirs:
            share = 1.0 if is_own and is_own_too else options.inherited_pu
            weight += share * (same if _share(ours, theirs) else other)
    if a.document != b.document:
        weight += options.document_weight * documents.likeness(a.document, b.document)
    weight += options.sentence_weight * documents.sentence_likeness(a, b)
    numbers_a, numbers_b = set(re.findall(r"\d+", a.text)), set(re.findall(r"\d+", b.text))
    if numbers_a and numbers_b and not numbers_a & numbers_b:
        weight += options.other_number
    return weight


def _share(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether a word of one is a word of the other, or a longer form of it."""
    return any(x == y or _contains(x, y) or _contains(y, x) for x in a for y in b)


def _contains(outer: str, inner: str) -> bool:
    return len(inner) > 3 and re.search(rf"\b{re.escape(inner)}\b", outer) is not None


def _is_near(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 4 and (a[:5] == b[:5] or fuzz.ratio(a, b) >= 80.0)


def _candidates(mentions: Sequence[Mention]) -> Iterable[tuple[Mention, Mention]]:
    """Pairs of one topic worth comparing, each once."""
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, m in enumerate(mentions):
        blocks[m.topic, "lemma", m.lemma[:4]].append(i)
        if m.sort:
            for where in m.places:
                blocks[m.topic, "sort", m.sort, where].append(i)
        for who in m.participants:
            for what in (*m.places, *m.times):
                blocks[m.topic, "who", who, what].append(i)
    seen: set[tuple[int, int]] = set()
    for rows in blocks.values():
        for n, i in enumerate(rows):
            for j in rows[n + 1 :]:
                if (i, j) not in seen:
                    seen.add((i, j))
                    yield mentions[i], mentions[j]


class _Documents:
    """Words of documents, weighed by how rare they are in the set (tf-idf)."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        sentences: dict[str, set[str]] = defaultdict(set)
        told: dict[tuple[str, str], set[str]] = defaultdict(set)
        for m in mentions:
            sentences[m.document].add(m.sentence or m.text)
            for kind in ("places", "times", "participants"):
                told[m.document, kind] |= _told_of(m, kind)
        self._told = {key: frozenset(words) for key, words in told.items()}
        words = {d: Counter(w for s in held for w in _tokens(s)) for d, held in sentences.items()}
        n_with = Counter(w for counted in words.values() for w in counted)
        self._rarity = {w: math.log(len(words) / n) + 0.1 for w, n in n_with.items()}
        self._vectors = {d: self._weigh(counted) for d, counted in words.items()}
        self._sentences: dict[str, dict[str, float]] = {}

    def told(self, mention: Mention, kind: str) -> tuple[frozenset[str], bool]:
        """Places, times or participants of a mention, or else all of its document's."""
        own = _told_of(mention, kind)
        return (own, True) if own else (self._told[mention.document, kind], False)

    def likeness(self, a: str, b: str) -> float:
        """Cosine of two documents, 0 to 1."""
        return _cosine(self._vectors[a], self._vectors[b])

    def sentence_likeness(self, a: Mention, b: Mention) -> float:
        """Cosine of the sentences of two mentions; 0 where one has none."""
        return _cosine(self._sentence(a), self._sentence(b))

    def _sentence(self, mention: Mention) -> dict[str, float]:
        held = self._sentences.get(mention.sentence)
        if held is None:
            held = self._weigh(Counter(_tokens(mention.sentence)))
            self._sentences[mention.sentence] = held
        return held

    def _weigh(self, counted: Mapping[str, int]) -> dict[str, float]:
        vector = {w: (1.0 + math.log(n)) * self._rarity.get(w, 1.0) for w, n in counted.items()}
        norm = math.sqrt(sum(v * v for v in vector.values()))
        return {w: v / norm for w, v in vector.items()} if norm else {}


def _told_of(mention: Mention, kind: str) -> frozenset[str]:
    match kind:
        case "places":
            return mention.places
        case "times":
            return mention.times
        case _:
            return mention.participants


def _tokens(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.casefold()) if len(w) > 2]


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(v * b.get(w, 0.0) for w, v in a.items())


def gold_groups(mentions: Sequence[Mention]) -> list[frozenset[str]] | None:
    """True groups; None where a mention has no gold chain."""
    chains: dict[str, set[str]] = defaultdict(set)
    for m in mentions:
        if m.gold is None:
            return None
        chains[m.gold].add(m.id)
    return [frozenset(group) for group in chains.values()]


def to_conll(mentions: Sequence[Mention], groups: Iterable[Iterable[str]], name: str) -> str:
    """Write groups in the column format that the field's scorers read.

    One document for all, a line per mention in the order given: the document's name, a number, the
    mention, and its group in brackets. The same mentions in the same order make key and response
    comparable.
    """
    number = {mention: i for i, group in enumerate(groups) for mention in sorted(group)}
    lines = [f"#begin document ({name}); part 000"]
    lines += [f"{name}\t{i}\t{m.id}\t({number[m.id]})" for i, m in enumerate(mentions)]
    return "\n".join([*lines, "", "#end document", ""])

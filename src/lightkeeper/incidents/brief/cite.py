"""How sentences end in their claims: numbers of footnotes, neighbours drawn together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lightkeeper.claims.model import ClaimId
from lightkeeper.incidents.brief.model import Brief, Footnote
from lightkeeper.incidents.brief.words import Phrases, load_texts


def numbers_by_claim(brief: Brief) -> dict[ClaimId, int]:
    """Footnote number of each claim."""
    return {f.claim: f.number for f in brief.footnotes}


def cite(claims: Sequence[ClaimId], numbers: Mapping[ClaimId, int]) -> list[tuple[int, int]]:
    """Runs of footnote numbers, first and last of each: [1, 2, 3, 7] is [(1, 3), (7, 7)]."""
    runs: list[tuple[int, int]] = []
    for n in sorted({numbers[c] for c in claims if c in numbers}):
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs


def say_by(footnote: Footnote, words: Phrases) -> str:
    """Who says a claim, what they call it and when it is said to have been."""
    if footnote.speaker.value == "self":
        by = words.text("label.own_words")
    else:
        speaker = words.code("role", footnote.speaker.value, "gen")
        if footnote.speaker_name is not None:
            name = words.quote(footnote.speaker_name)
            speaker = words.text("standing.named", role=speaker, name=name)
        by = words.text("label.by", speakers=speaker)
    parts = [by]
    if footnote.certainty.value != "observed":
        parts.append(words.text(f"standing.{footnote.certainty.value}"))
    if footnote.time_text is not None:
        parts.append(footnote.time_text)
    return words.text("mark.clause").join(parts)


def words_of(brief: Brief) -> Phrases:
    """The words of a brief's language."""
    return Phrases(brief.language, brief.time_zone, brief.as_of)


def headings(brief: Brief) -> Mapping[str, str]:
    """Headings of the parts of a brief."""
    node = load_texts(brief.language)["heading"]
    assert not isinstance(node, str)
    return {key: str(text) for key, text in node.items()}

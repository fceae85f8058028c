"""The small pattern language of the lexicons, for people who know a language and not Python.

без світла           these words, one after another
знеструмлен*         a word that begins so, with any ending
*обленерго           a word that ends so
explosion*|blast*    one or the other
?повністю            this word may be missing
*                    any one word, but not the first
#                    a number, in figures or words
@                    a clock time in figures, 08:30
..                   up to ten words in between, within the sentence
...                  anything in between, within the sentence
a .. b & c .. d      what stands before & and after it, in either order, up to ten words apart
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

NUMBER_MARK = "№"
"""Numbers stand as this character, repeated, in the text that patterns are matched on."""

TIME_MARK = "ӿ"
"""Clock times stand as this letter, repeated."""
_MARKS = {"#": NUMBER_MARK, "@": TIME_MARK}
_ANY = "*"
_GAPS = frozenset({"..", "..."})
_ENDING = r"\w*(?:['-]\w+)*"
# The two classes share no character and give nothing back, so a gap is tried one way only.
_BETWEEN = r"[^\w'%№.!?;\n-]++"
_GAP = rf"(?:{_BETWEEN}[\w'%№-]++){{0,10}}?{_BETWEEN}"
_WIDE_GAP = r"[^!?\n]{0,200}?(?<!\w)"
_SPACE = r"[ \t\"«»“”‘’'(]+"
_LETTERS = re.compile(r"\w+")


def both_orders(pattern: str) -> tuple[str, ...]:
    """Return the two orders of what stands before and after "&"; a pattern without it alone."""
    one, both, other = pattern.partition(" & ")
    return (f"{one} .. {other}", f"{other} .. {one}") if both else (pattern,)


def translate(pattern: str) -> str:
    """Translate one pattern to a regular expression that begins where its first word does."""
    words = _words(pattern)
    if not words or words[0] in _GAPS or words[-1] in _GAPS:
        raise ValueError(f"pattern {pattern!r}: write words at both ends")
    out: list[str] = []
    joint = ""
    for word in words:
        if word in _GAPS:
            joint = _GAP if word == ".." else _WIDE_GAP
            continue
        body = _word(word.removeprefix("?"))
        is_first = not any(not o.endswith(f"{_SPACE})?") for o in out)
        if word.startswith("?"):
            out.append(f"(?:{body}{_SPACE})?" if is_first else f"(?:{joint}{body})?")
            joint = "" if is_first else _SPACE
        else:
            out.append(joint + body)
            joint = _SPACE
    return "".join(out)


def _words(pattern: str) -> list[str]:
    return pattern.lower().replace("ё", "е").replace("’", "'").split()


@dataclass(frozen=True, slots=True)
class Lead:
    """What a word of a text is like that a word of a pattern begins with.

    It is `letters`, begins with them (`is_open`), or holds them (`is_inner`). Where a pattern
    begins with a sign, the sign is such a word.
    """

    letters: str
    is_open: bool = False
    is_inner: bool = False


def leads(word: str) -> tuple[Lead, ...]:
    """Return how a word of a pattern may begin: one lead for each of its alternatives.

    >>> [lead.letters for lead in leads("вибух*|р-н")]
    ['вибух', 'р']
    """
    return tuple(_lead(alternative) for alternative in word.split("|"))


def _lead(alternative: str) -> Lead:
    if alternative in _MARKS:
        return Lead(_MARKS[alternative], is_open=True)
    stem = alternative.strip(_ANY)
    run = _LETTERS.search(stem)
    if run is None:
        return Lead(stem[:1], is_inner=not stem)
    if alternative.startswith(_ANY):
        return Lead(run.group(), is_inner=True)
    if run.start() > 0:
        return Lead(stem[0])
    return Lead(run.group(), is_open=run.end() == len(stem) and alternative.endswith(_ANY))


def first_words(pattern: str) -> tuple[str, ...]:
    """Return the words that a match may begin with: the first that may not be missing and those
    before it.

    Raises
    ------
    ValueError
        One of them is empty, or any word.
    """
    found: list[str] = []
    for word in _words(pattern):
        found.append(word.removeprefix("?"))
        if not all(a.strip(_ANY) for a in found[-1].split("|")):
            raise ValueError(f"pattern {pattern!r}: a word is empty")
        if not word.startswith("?"):
            break
    return tuple(found)


def further_words(pattern: str) -> tuple[str, ...]:
    """Return the words besides the first that every match holds."""
    found = [w for w in _words(pattern) if not w.startswith("?") and w not in _GAPS]
    return tuple(w for w in found[1:] if _ANY not in w.split("|"))


def _word(word: str) -> str:
    alternatives = (_alternative(a) for a in word.split("|"))
    # One ending for all that share it: the expressions are large, and compiled when first needed.
    by_ends = groupby(alternatives, key=lambda a: (a[0], a[2]))
    joined = (
        f"{head}(?:{'|'.join(stem for _, stem, _ in own)}){tail}" for (head, tail), own in by_ends
    )
    return f"(?:{'|'.join(joined)})"


def _alternative(word: str) -> tuple[str, str, str]:
    """Return what may stand before the letters of a word, the letters, and what may follow."""
    if word == "*":
        return "", r"[\w'-]+", ""
    if not word:
        raise ValueError("pattern: a word is empty")
    if word in _MARKS:
        return "", f"{_MARKS[word]}+", ""
    tail = _ENDING if word.endswith("*") else r"(?!\w)" if word[-1:].isalnum() else ""
    head = r"[\w'-]*" if word[0] == _ANY else ""
    return head, re.escape(word.strip(_ANY)), tail

"""The small pattern language of the lexicons, for people who know a language and not Python.

без світла           these words, one after another
знеструмлен*         a word that begins so, with any ending
explosion*|blast*    one or the other
?повністю            this word may be missing
#                    a number, in figures or words
..                   up to ten words in between, within the sentence
...                  anything in between, within the sentence
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NUMBER_MARK = "№"
"""Numbers stand as this character, repeated, in the text that patterns are matched on."""

_ENDING = r"\w*(?:['-]\w+)*"
_GAP = r"(?:[^\w.!?;\n]+[\w'%№-]+){0,10}?[^\w.!?;\n]+"
_WIDE_GAP = r"[^!?\n]{0,200}?"
_SPACE = r"[\s\"«»“”‘’'(]+"


def compile_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """Compile patterns into one regular expression over folded text.

    Raises
    ------
    ValueError
        A pattern is empty or starts or ends with a gap.
    """
    return re.compile("|".join(f"(?:{translate(p)})" for p in patterns))


def translate(pattern: str) -> str:
    """Translate one pattern."""
    words = pattern.lower().replace("ё", "е").replace("’", "'").split()
    if not words or words[0] in {"..", "..."} or words[-1] in {"..", "..."}:
        raise ValueError(f"pattern {pattern!r}: write words at both ends")
    out: list[str] = []
    joint = ""
    for word in words:
        if word in {"..", "..."}:
            joint = _GAP if word == ".." else _WIDE_GAP
            continue
        body = _word(word.removeprefix("?"))
        if word.startswith("?"):
            out.append(f"(?:{joint}{body})?" if out else f"(?:{body}{_SPACE})?")
            joint = _SPACE if len(out) > 1 or not out[0].endswith(f"{_SPACE})?") else ""
        else:
            out.append(joint + body)
            joint = _SPACE
    return "".join(out)


def _word(word: str) -> str:
    return f"(?:{'|'.join(_alternative(a) for a in word.split('|'))})"


def _alternative(word: str) -> str:
    if word == "#":
        return f"{NUMBER_MARK}+"
    if word.endswith("*"):
        return rf"(?<!\w){re.escape(word[:-1])}{_ENDING}"
    edge = r"(?!\w)" if word[-1:].isalnum() else ""
    return rf"(?<!\w){re.escape(word)}{edge}"

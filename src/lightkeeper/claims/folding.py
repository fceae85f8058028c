"""A folded copy of a text in which words are compared; every offset is that of the original."""

from __future__ import annotations

import re

_SAME_LENGTH = {
    ord("ё"): "е",
    ord("’"): "'",
    ord("ʼ"): "'",
    ord("`"): "'",
    ord("´"): "'",
    ord("\u00a0"): " ",
    ord("\u202f"): " ",
    ord("\u2009"): " ",
    ord("\u200b"): " ",
    ord("\u200e"): " ",
    ord("\u200f"): " ",
    ord("\u2060"): " ",
    ord("\ufeff"): " ",
    ord("‑"): "-",
    ord("‐"): "-",
    # Capitals whose lower case is longer than one character would move every offset after them.
    ord("İ"): "i",
}

_LONGEST_WORD = 100
_NO_WORD = re.compile(rf"[\w'-]{{{_LONGEST_WORD},}}+")
"""What goes on longer without a blank is no word; nothing is looked for in it."""


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe, hyphen and space, ё as е; the length is kept.

    Runs of letters too long for any word become blanks.
    """
    folded = text.translate(_SAME_LENGTH).lower().replace("ё", "е")
    if len(folded) != len(text):
        folded = "".join(c.lower() if len(c.lower()) == 1 else c for c in text).translate(
            _SAME_LENGTH
        )
    if len(folded) > _LONGEST_WORD:
        folded = _NO_WORD.sub(lambda run: " " * len(run.group()), folded)
    return folded

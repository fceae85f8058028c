"""A folded copy of a text in which words are compared; every offset is that of the original."""

from __future__ import annotations

import re

_SAME_LENGTH = (
    ("ё", "е"),
    *((apostrophe, "'") for apostrophe in "’ʼ`´"),
    *((blank, " ") for blank in "\u00a0\u202f\u2009\u200b\u200e\u200f\u2060\ufeff"),
    *((hyphen, "-") for hyphen in "‑‐"),
    # Capitals whose lower case is longer than one character would move every offset after them.
    ("İ", "i"),
)

_LONGEST_WORD = 100
_NO_WORD = re.compile(rf"[\w'-]{{{_LONGEST_WORD},}}+")
"""What goes on longer without a blank is no word; nothing is looked for in it."""


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe, hyphen and space, ё as е; the length is kept.

    Runs of letters too long for any word become blanks.
    """
    folded = _plain(text).lower().replace("ё", "е")
    if len(folded) != len(text):
        folded = _plain("".join(c.lower() if len(c.lower()) == 1 else c for c in text))
    if len(folded) > _LONGEST_WORD:
        folded = _NO_WORD.sub(lambda run: " " * len(run.group()), folded)
    return folded


def _plain(text: str) -> str:
    # Of so few characters, most of them missing, this is ten times as quick as a table.
    for character, plain in _SAME_LENGTH:
        text = text.replace(character, plain)
    return text

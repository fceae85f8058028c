"""What a reader sees of a text: without marks that do not show, and without markup left in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_UNSEEN = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Soft hyphens, joiners, marks of direction: they may stand within a word and do not part it."""
_MAY_HIDE = re.compile(rf"[{''.join(sorted(_UNSEEN))}\u0300-\u036f]")
_LOST = "\ufffd"
_BROKEN_WORD = re.compile(rf"(?<![\w'’-])[\w'’-]*+{_LOST}[\w'’{_LOST}-]*")
_JOINED = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
"""What joins the words of a tag: "#Шосткинський_район"."""
_TAG = re.compile(r"<(/?)([a-zA-Z]\w{0,20})(?:[\s/][^<>]{0,2000})?>|<!--|-->")
_CODE = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Visible:
    """`text` as it is seen; `at[i]` is where its character `i` stands in the original.

    `at` is None where the offsets are the same.
    """

    text: str
    at: Sequence[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that is seen as [start, end), which is not empty."""
        if self.at is None:
            return start, end
        return self.at[start], self.at[end - 1] + 1


def visible(text: str) -> Visible:
    """Return what is seen of a text.

    Marks that do not show are left out and letters written in two parts ("й" as "и" and a breve)
    put together; stress marks go, and the words of a hashtag stand apart. Tags, comments and
    scripts of HTML become blanks, and so do words of which decoding lost a letter: half a name or
    number is none.
    """
    seen = _JOINED.sub(" ", _without_markup(text))
    if _LOST in seen:
        seen = _BROKEN_WORD.sub(lambda word: " " * len(word.group()), seen)
    if _MAY_HIDE.search(seen) is None:
        return Visible(seen, None)
    letters: list[str] = []
    at: list[int] = []
    for i, letter in enumerate(seen):
        if letter in _UNSEEN:
            continue
        if unicodedata.combining(letter) and letters:
            joined = unicodedata.normalize("NFC", letters[-1] + letter)
            if len(joined) == 1:
                letters[-1] = joined
            continue
        letters.append(letter)
        at.append(i)
    return Visible("".join(letters), at)


def _without_markup(text: str) -> str:
    """Put blanks in the place of tags, and of all that stands in scripts, styles and comments."""
    if "<" not in text:
        return text
    pieces: list[str] = []
    done = 0
    opened: tuple[str, int] | None = None
    for tag in _TAG.finditer(text):
        name = (tag.group(2) or tag.group()).lower()
        if opened is not None:
            closes = "-->" if opened[0] == "<!--" else opened[0]
            if name != closes or not (tag.group(1) or name == "-->"):
                continue
            start, opened = opened[1], None
        elif name == "-->":
            continue
        elif name == "<!--" or (name in _CODE and not tag.group(1)):
            opened = (name, tag.start())
            continue
        else:
            start = tag.start()
        pieces += (text[done:start], " " * (tag.end() - start))
        done = tag.end()
    return "".join((*pieces, text[done:]))

"""Cut a MATPOWER case file, a program in MATLAB's language, into tokens.

Tables of plain numbers and cell arrays of texts are one token each: they are nearly all of a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lightkeeper.units import BoolArray, FloatArray

Numbers = FloatArray | BoolArray
"""Every number is a table; a single one has shape (1, 1)."""

Value = Numbers | str | tuple[str, ...]
"""A tuple is a cell array of texts."""


class StatementUnfit(Exception):
    """A statement cannot be read, for the reason told."""


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    TABLE = "table"
    CELL = "cell"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the file, from position `at` up to `end`."""

    kind: TokenKind
    text: str
    at: int
    end: int
    is_spaced: bool
    """White space stands before it."""
    value: Value | None = None
    """What a number, text, table or cell array stands for."""


# What repeats takes all it can and gives nothing back (++, *+): no file makes the reading slow.
_SPACE = re.compile(r"(?:[ \t\r]|%[^\n]*+|\.\.\.[^\n]*+\n)*+")
_TOKEN = re.compile(
    r"""(?P<table>\[(?P<rows>(?:[^][(){}%'"]++|%[^\n]*+)*+)\])
    |(?P<cell>\{(?P<texts>(?:[\s,;]|%[^\n]*+|\.\.\.[^\n]*+\n|'(?:[^'\n]|'')*+'|"[^"\n]*")*+)\})
    |(?P<text>'(?:[^'\n]|'')*+'|"[^"\n]*")
    |(?P<number>(?:\d++(?:\.(?![*/^]))?\d*+|\.\d++)(?:[eE][-+]?\d++)?(?!\w))
    |(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    |(?P<sign>==|~=|<=|>=|&&|\|\||\.[*/^]|[-+*/^<>&|~=(),;:\n\[\]])""",
    re.VERBOSE | re.ASCII,
)
_TEXT = re.compile(r"""%[^\n]*|'(?:[^'\n]|'')*+'|"[^"\n]*\"""")


def read_token(source: str, place: int) -> Token:
    """Return the token at a place of the file, or after the space and comments that stand there.

    Raises
    ------
    StatementUnfit
        No token starts there.
    """
    space = _SPACE.match(source, place)
    at = space.end() if space else place
    if at == len(source):
        return Token(TokenKind.END, "", at, at, at > place)
    match = _TOKEN.match(source, at)
    if match is None:
        raise StatementUnfit(f"{source[at]!r} is not read")
    kind, text, end = TokenKind(match.lastgroup or ""), match[0], match.end()
    value: Value | None = None
    if kind is TokenKind.TABLE:
        value = _read_table(match["rows"])
        if value is None:  # more than plain numbers stands in it
            kind, text, end = TokenKind.SIGN, "[", at + 1
    elif kind is TokenKind.CELL:
        value = _read_texts(match["texts"])
    elif kind is TokenKind.TEXT:
        (value,) = _read_texts(text)
    elif kind is TokenKind.NUMBER:
        value = np.array([[float(text)]])
    return Token(kind, text, at, end, at > place, value)


def blank_block_comments(source: str) -> str:
    """Blank what stands between lines of %{ and %}, so that no line changes its number."""
    if "%{" not in source:
        return source
    depth, lines = 0, source.split("\n")
    for i, line in enumerate(lines):
        depth += line.strip() == "%{"
        if depth:
            lines[i] = ""
            depth -= line.strip() == "%}"
    return "\n".join(lines)


def _read_table(rows: str) -> FloatArray | None:
    """Return a table of plain numbers, None where something else stands in it."""
    rows = re.sub(r"%[^\n]*", "", rows) if "%" in rows else rows
    cells = [row.split() for row in re.split(r"[;\n]", rows.replace(",", " "))]
    cells = [row for row in cells if row]
    if len({len(row) for row in cells}) > 1:
        return None
    try:
        numbers = np.array([float(cell) for row in cells for cell in row], dtype=np.float64)
    except ValueError:
        return None
    return numbers.reshape(len(cells), -1) if cells else np.zeros((0, 0))


def _read_texts(texts: str) -> tuple[str, ...]:
    found = (text for text in _TEXT.findall(texts) if not text.startswith("%"))
    return tuple(text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1] for text in found)

"""Evaluate the part of MATLAB's language that MATPOWER case files are written in.

A case file is a program: after its tables, it may turn kilowatts into megawatts, ohms into per
unit, apparent power into active and reactive. What is understood here is what the cases that
MATPOWER ships do, and little more: numbers, texts, tables, assignment to a name or to rows and
columns of a table, arithmetic, comparison, a few functions of one argument, `if`. Nothing runs but
these; any other statement is refused with its line, since a table without what the file then does
to it would be silently wrong.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lightkeeper.errors import NetworkInvalid, Problem
from lightkeeper.grid.matlab_tokens import (
    Numbers,
    StatementUnfit,
    Token,
    TokenKind,
    Value,
    blank_block_comments,
    read_token,
)
from lightkeeper.units import FloatArray


def _columns(names: str, numbers: Iterable[int]) -> Mapping[str, int]:
    return dict(zip(names.split(), numbers, strict=True))


_COLUMNS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "idx_bus": _columns(
            "PQ PV REF NONE BUS_I BUS_TYPE PD QD GS BS BUS_AREA VM VA BASE_KV ZONE VMAX VMIN "
            "LAM_P LAM_Q MU_VMAX MU_VMIN",
            [*range(1, 5), *range(1, 18)],
        ),
        "idx_brch": _columns(
            "F_BUS T_BUS BR_R BR_X BR_B RATE_A RATE_B RATE_C TAP SHIFT BR_STATUS PF QF PT QT "
            "MU_SF MU_ST ANGMIN ANGMAX MU_ANGMIN MU_ANGMAX",
            [*range(1, 12), *range(14, 20), 12, 13, 20, 21],
        ),
        "idx_gen": _columns(
            "GEN_BUS PG QG QMAX QMIN VG MBASE GEN_STATUS PMAX PMIN MU_PMAX MU_PMIN MU_QMAX "
            "MU_QMIN PC1 PC2 QC1MIN QC1MAX QC2MIN QC2MAX RAMP_AGC RAMP_10 RAMP_30 RAMP_Q APF",
            [*range(1, 11), *range(22, 26), *range(11, 22)],
        ),
    }
)
"""What MATPOWER's functions of column names return, in their order."""

_CONSTANTS = MappingProxyType(
    {"pi": np.pi, "Inf": np.inf, "inf": np.inf, "NaN": np.nan, "nan": np.nan}
)


def _find(of: Numbers) -> Numbers:
    """Rows where a column is not zero, as a column of 1-based numbers."""
    if of.shape[1] != 1:
        raise StatementUnfit("find is read of one column")
    return np.array(np.flatnonzero(of) + 1, dtype=np.float64)[:, None]


_FUNCTIONS: Mapping[str, Callable[[Numbers], Numbers]] = MappingProxyType(
    {
        "abs": np.abs,
        "acos": np.arccos,
        "asin": np.arcsin,
        "atan": np.arctan,
        "cos": np.cos,
        "find": _find,
        "isinf": np.isinf,
        "isnan": np.isnan,
        "sin": np.sin,
        "sqrt": np.sqrt,
        "tan": np.tan,
    }
)

_Rows = NDArray[np.int64]
_Operator = Callable[[Numbers, Numbers], Numbers]

_BY_PRECEDENCE: tuple[Mapping[str, _Operator], ...] = (
    {"||": np.logical_or},
    {"&&": np.logical_and},
    {"|": np.logical_or},
    {"&": np.logical_and},
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "==": operator.eq,
        "~=": operator.ne,
    },
    {"+": np.add, "-": np.subtract},
    {"*": np.multiply, "/": np.true_divide, ".*": np.multiply, "./": np.true_divide},
)
"""Operators between two values, those that bind least first."""

_HEADER = re.compile(
    r"(?:\s|%[^\n]*+)*+function\s+\[?\s*([A-Za-z]\w*)\s*\]?\s*=\s*\w+[ \t]*(?:\(\s*\))?"
    r"(?=[ \t]*(?:[;,\n%]|\Z))"
)
_SEPARATORS = frozenset({";", ",", "\n"})
_LINE_ENDS = frozenset({";", "\n", ""})
_CLOSES = frozenset({"end", "endif", "endfunction", "else", "elseif", "function", ""})
_OPENS = frozenset({"for", "parfor", "while", "switch", "try"})


def evaluate_case(source: str, what: str) -> dict[str, Value]:
    """Return the fields of the struct that a case file makes.

    Parameters
    ----------
    source
        The text of the file: a function that returns one struct.
    what
        What the file is, to be told when it is refused.

    Returns
    -------
    dict
        By name, without that of the struct: "bus", "baseMVA", "genfuel", "reserves.zones".

    Raises
    ------
    NetworkInvalid
        A statement is not among those understood, or does not fit what it is done to.

    Examples
    --------
    >>> text = "function c = tiny\\nc.bus = [1 90; 2 60]; c.bus(:, 2) = c.bus(:, 2) / 1e3;"
    >>> evaluate_case(text, "case tiny")["bus"].tolist()
    [[1.0, 0.09], [2.0, 0.06]]
    """
    source = blank_block_comments(source)
    program = _Program(source)
    try:
        program.run()
    except (StatementUnfit, RecursionError) as error:
        fault = error if isinstance(error, StatementUnfit) else "it is nested too deep"
        row = source.count("\n", 0, program.at)
        line = "".join(c if c.isprintable() else " " for c in source.split("\n")[row]).strip()[:80]
        mend = "open it in MATPOWER and save it with savecase"
        told = f'"{line}" cannot be read: {fault}'
        raise NetworkInvalid(what, [Problem(f"line {row + 1}", told, mend)]) from error
    prefix = program.output + "."
    return {
        name.removeprefix(prefix): value
        for name, value in program.values.items()
        if name.startswith(prefix)
    }


class _Program:
    """A file being read: where the reading stands, and what the names hold."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.values: dict[str, Value] = {}
        header = _HEADER.match(source)
        self.output = header[1] if header else "mpc"
        self.at = 0
        self.is_in_brackets = False
        """Whether white space parts one number from the next."""
        start = header.end() if header else 0
        self.token = Token(TokenKind.END, "", start, start, False)

    def run(self) -> None:
        self.advance()
        self.block(is_live=True)
        if self.token.text in ("end", "endfunction"):
            self.advance()
            self.skip_separators()
        # What follows are functions of the file's own: a call of them is refused.
        if self.token.text not in ("function", "") or (self.token.text and not self.values):
            raise StatementUnfit("a case is a function of nothing that returns one struct")

    # Statements

    def block(self, *, is_live: bool) -> None:
        """Read statements up to a word that closes them; do them if they are live."""
        while True:
            self.skip_separators()
            word = self.token.text
            if word in _CLOSES:
                return
            if word == "if":
                self.choose(is_live=is_live)
            elif is_live:
                self.statement()
            elif word in _OPENS:
                self.advance()
                self.block(is_live=False)
                self.close()
            else:
                self.skip_line()

    def choose(self, *, is_live: bool) -> None:
        """Read an `if` with all its branches; do the first whose condition holds."""
        while self.token.text in ("if", "elseif", "else"):
            is_else = self.token.text == "else"
            self.advance()
            is_taken = is_live
            if not is_else and is_live:
                condition = self.numbers(self.expression())
                is_taken = bool(condition.size) and bool(np.all(condition != 0))
            elif not is_else:
                self.skip_line()
            self.block(is_live=is_taken)
            is_live = is_live and not is_taken
        self.close()

    def close(self) -> None:
        if self.token.text not in ("end", "endif"):
            raise StatementUnfit("its end is missing")
        self.advance()

    def statement(self) -> None:
        if self.token.text == "return":
            end = len(self.source)
            self.token = Token(TokenKind.END, "", end, end, False)
        elif self.token.text == "[":
            self.name_columns()
        elif self.token.text == "define_constants":
            self.advance()
            for columns in _COLUMNS.values():
                self.name_numbers(columns)
        else:
            self.assign()
        if self.token.text not in _SEPARATORS | {""}:
            raise StatementUnfit(f'"{self.token.text[:20]}" is not expected there')

    def name_columns(self) -> None:
        """Read `[PQ, PV, ...] = idx_bus`."""
        names = []
        self.advance()
        while self.token.text != "]":
            if self.token.kind is TokenKind.NAME:
                names.append(self.token.text)
            elif self.token.text != ",":
                raise StatementUnfit("names are expected in the brackets")
            self.advance()
        self.advance()
        self.expect("=")
        numbers = list(_COLUMNS.get(self.token.text, {}).values())
        if not numbers:
            raise StatementUnfit("only idx_bus, idx_brch and idx_gen give several values")
        if len(names) > len(numbers):
            raise StatementUnfit(f"{self.token.text} has {len(numbers)} values")
        self.name_numbers(dict(zip(names, numbers, strict=False)))
        self.advance()

    def name_numbers(self, numbers: Mapping[str, int]) -> None:
        self.values |= {name: np.array([[float(n)]]) for name, n in numbers.items()}

    def assign(self) -> None:
        """Read `name = value` or `name(rows, columns) = value`."""
        name = self.token.text
        if self.token.kind is not TokenKind.NAME:
            raise StatementUnfit("a statement starts with a name")
        self.advance()
        if self.token.text != "(":
            self.expect("=")
            self.values[name] = self.expression()
            return
        if name not in self.values:
            raise StatementUnfit(f'"{name}" is not known')
        # Another name may hold the same array.
        table = self.numbers(self.values[name]).astype(np.float64)
        part = self.subscripts(table)
        self.expect("=")
        value = self.numbers(self.expression())
        if value.shape not in ((1, 1), table[part].shape):
            raise StatementUnfit(f"{_size(value)} do not fit into {_size(table[part])}")
        table[part] = value
        self.values[name] = table

    # Expressions

    def expression(self, level: int = 0) -> Value:
        """Read a value made with operators that bind as much as those of a level, or more."""
        if level == len(_BY_PRECEDENCE):
            return self.signed()
        value = self.expression(level + 1)
        while (sign := self.token.text) in _BY_PRECEDENCE[level]:
            if sign in "+-" and self.starts_next_number():
                break
            self.advance()
            left, right = self.numbers(value), self.numbers(self.expression(level + 1))
            is_matrix = {"*": min(left.size, right.size), "/": right.size}.get(sign, 1) != 1
            if is_matrix:
                raise StatementUnfit(f'"{sign}" of two tables is not read')
            value = _combine(_BY_PRECEDENCE[level][sign], left, right)
        return value

    def starts_next_number(self) -> bool:
        """Whether a sign stands as in [1 -2], two numbers, and not as in [1 - 2], one."""
        after = self.source[self.token.end : self.token.end + 1]
        return self.is_in_brackets and self.token.is_spaced and not after.isspace()

    def signed(self) -> Value:
        sign = self.token.text
        if sign in ("-", "+", "~"):
            self.advance()
            of = self.numbers(self.signed())
            return np.equal(of, 0) if sign == "~" else np.multiply(of, float(f"{sign}1"))
        value = self.operand()
        while (sign := self.token.text) in ("^", ".^"):
            self.advance()
            base, power = self.numbers(value), self.numbers(self.operand())
            if sign == "^" and (base.size, power.size) != (1, 1):
                raise StatementUnfit('"^" of a table is not read')
            value = _real(_combine(np.power, base, power), base, power)
        return value

    def operand(self) -> Value:
        token = self.token
        if token.value is not None:
            self.advance()
            return token.value
        if token.text == "(":
            return self.parenthesised()
        if token.text == "[":
            return self.brackets()
        if token.kind is not TokenKind.NAME:
            what = f'"{token.text}"' if token.text.strip() else "the end of the line"
            raise StatementUnfit(f"{what} is not expected there")
        self.advance()
        if token.text in self.values:
            value = self.values[token.text]
            if self.token.text != "(" or (self.is_in_brackets and self.token.is_spaced):
                return value
            table = self.numbers(value)
            return table[self.subscripts(table)]
        if token.text in _FUNCTIONS:
            of = self.numbers(self.parenthesised())
            with np.errstate(invalid="ignore"):
                return _real(_FUNCTIONS[token.text](of), of)
        if token.text in _CONSTANTS:
            return np.array([[_CONSTANTS[token.text]]])
        raise StatementUnfit(f'"{token.text}" is not known')

    def parenthesised(self) -> Value:
        was, self.is_in_brackets = self.is_in_brackets, False
        self.expect("(")
        value = self.expression()
        self.is_in_brackets = was
        self.expect(")")
        return value

    def brackets(self) -> Value:
        """Read a table that is more than plain numbers, such as [PD, QD] or [1/3 -Inf]."""
        was, self.is_in_brackets = self.is_in_brackets, True
        self.advance()
        rows: list[Numbers] = []
        row: list[Numbers] = []
        while True:
            if row and self.token.text in (";", "\n", "]"):
                rows.append(_stack(np.hstack, row))
                _stack(np.vstack, [rows[0], rows[-1]])
                row = []
            if self.token.text == "]":
                break
            if self.token.text in _SEPARATORS:
                self.advance()
            else:
                row.append(self.numbers(self.expression()))
        self.is_in_brackets = was
        self.advance()
        return _stack(np.vstack, rows) if rows else np.zeros((0, 0))

    def subscripts(self, table: Numbers) -> tuple[_Rows, ...]:
        """Read (rows, columns) of a table; return what indexes them, counted from 0."""
        was, self.is_in_brackets = self.is_in_brackets, False
        self.expect("(")
        rows = self.subscript(table.shape[0], "rows")
        self.expect(",")
        columns = self.subscript(table.shape[1], "columns")
        self.is_in_brackets = was
        self.expect(")")
        return np.ix_(rows, columns)

    def subscript(self, n: int, of: str) -> _Rows:
        if self.token.text == ":":
            self.advance()
            return np.arange(n)
        chosen = self.numbers(self.expression()).ravel()
        if chosen.dtype == np.bool_ and len(chosen) == n:
            return np.flatnonzero(chosen)
        if not np.isin(chosen, np.arange(1, n + 1)).all():
            raise StatementUnfit(f"there are {n} {of}")
        return chosen.astype(np.int64) - 1

    def numbers(self, value: Value) -> Numbers:
        if isinstance(value, str | tuple):
            raise StatementUnfit("text stands where numbers should")
        return value

    # Tokens

    def skip_separators(self) -> None:
        while self.token.text in _SEPARATORS:
            self.advance()

    def skip_line(self) -> None:
        while self.token.text not in _LINE_ENDS:
            self.advance()

    def expect(self, text: str) -> None:
        if self.token.text != text:
            raise StatementUnfit(f'"{text}" is expected')
        self.advance()

    def advance(self) -> None:
        self.at = self.token.end  # where a fault is told, should there be no token
        self.token = read_token(self.source, self.token.end)
        self.at = self.token.at


def _combine(do: _Operator, left: Numbers, right: Numbers) -> Numbers:
    try:
        with np.errstate(all="ignore"):
            return do(left.astype(np.float64), right.astype(np.float64))
    except ValueError as error:
        raise StatementUnfit(f"{_size(left)} and {_size(right)} do not fit together") from error


def _stack(how: Callable[[list[Numbers]], Numbers], parts: list[Numbers]) -> FloatArray:
    try:
        return how(parts).astype(np.float64)
    except ValueError as error:
        sizes = " and ".join(_size(part) for part in parts[:4])
        raise StatementUnfit(f"{sizes} make no table") from error


def _real(result: Numbers, *of: Numbers) -> Numbers:
    """Return a result; refuse what would be complex in MATLAB and is no number here."""
    if np.isnan(result).any() and not any(np.isnan(x).any() for x in of):
        raise StatementUnfit("its result is no real number")
    return result


def _size(numbers: Numbers) -> str:
    return f"{numbers.shape[0]} x {numbers.shape[1]} numbers"

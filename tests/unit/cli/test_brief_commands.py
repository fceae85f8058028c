"""`lightkeeper brief` and `lightkeeper review`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightkeeper.cli.main import run


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIGHTKEEPER_DATABASE", f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "report.txt"
    path.write_text(
        "About 10 explosions were heard in Izium. Power is out, the city military administration "
        "said. Casualty figures have not been released.",
        encoding="utf-8",
    )
    return path


def test_a_brief_of_files_is_printed_in_the_language_asked_for(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["brief", str(report), "--language", "en"]) == 0
    printed = capsys.readouterr().out
    assert "About 10 explosions are reported in the city of Izium" in printed
    assert "[^1]:" in printed
    assert run(["brief", str(report)]) == 0
    assert "Повідомлено про близько 10 вибухів у місті Ізюм" in capsys.readouterr().out


def test_a_brief_is_written_to_a_file(report: Path, tmp_path: Path) -> None:
    page = tmp_path / "brief.html"
    assert run(["brief", str(report), "--format", "html", "-o", str(page)]) == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert run(["brief", str(report), "-o", str(tmp_path / "no" / "brief.md")]) == 2


def test_json_and_the_public_view(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brief", str(report), "--json", "--language", "en"]) == 0
    brief = json.loads(capsys.readouterr().out)
    assert brief["audience"] == "official"
    assert brief["footnotes"]
    assert run(["brief", str(report), "--format", "json", "--audience", "public"]) == 0
    assert json.loads(capsys.readouterr().out)["footnotes"] == []


def test_the_log_is_briefed_and_reviewed(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingest", str(report)]) == 0
    capsys.readouterr()
    log = str(tmp_path / "log.sqlite")
    assert run(["brief", "--log", log, "--place", "Izium", "--language", "en"]) == 0
    assert "Brief: Izium" in capsys.readouterr().out
    assert run(["review", "--json"]) == 0
    items = json.loads(capsys.readouterr().out)
    item = next(i for i in items if i["kind"] == "origin_not_held")["id"]
    assert run(["review", "--do", "confirm", "--item", item, "--by", "O. Koval", "--json"]) == 0
    assert item not in {i["id"] for i in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    "words",
    [
        ["brief", "--log", "nothing.sqlite"],
        ["brief", "--incident", "i-nothing"],
        ["brief", "--from", "yesterday"],
        ["review", "--do", "confirm"],
        ["review", "--do", "confirm", "--item", "nothing"],
    ],
)
def test_what_cannot_be_answered_is_an_input_error(report: Path, words: list[str]) -> None:
    assert run(words) == 2

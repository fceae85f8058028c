"""Every command that the README and the docs show exists, with its options; the cheap ones run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from lightkeeper.cli.main import app, run

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"lightkeeper [a-z]")
CHEAP = ("simulate", "synth", "validate")


def shown(page: Path) -> list[list[str]]:
    text = page.read_text(encoding="utf-8")
    lines = [line.strip() for block in FENCED.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`(lightkeeper [^`\n]+)`", FENCED.sub("", text))
    return [shlex.split(line, comments=True)[1:] for line in lines if COMMAND.match(line)]


IN_README = shown(PAGES[0])


@pytest.mark.parametrize(
    "words",
    [pytest.param(w, id=f"{page.stem}: {' '.join(w)}") for page in PAGES for w in shown(page)],
)
def test_a_command_shown_exists_with_its_options(words: list[str]) -> None:
    command = typer.main.get_command(app)
    words = list(words)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}
    assert {w.split("=")[0] for w in words if re.match("--?[a-z]", w)} <= known


def test_the_readme_shows_the_usual_commands() -> None:
    assert {"picture", "serve", "ingest", "plan", "notify", *CHEAP} <= {w[0] for w in IN_README}


def test_the_cheap_ones_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = [words for words in IN_README if words[0] in CHEAP]
    assert len(ran) >= len(CHEAP)
    for words in ran:
        assert run(words) == 0, words

"""The console script: quick to load, interrupted at any moment, the same options everywhere."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from lightkeeper.cli.edge import AudienceName, parse_instant
from lightkeeper.cli.main import app, run
from lightkeeper.errors import InputError
from lightkeeper.notices.model import Audience

INTERRUPT_AT = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {raising}
sys.meta_path.insert(0, Interrupt())
sys.argv = ["lightkeeper", "validate", "case9"]
from lightkeeper.cli import main
main()
"""


def commands(of: typer.Typer) -> list[Callable[..., object]]:
    own = [c.callback for c in of.registered_commands if c.callback is not None]
    groups = [g.typer_instance for g in of.registered_groups if g.typer_instance is not None]
    return own + [c for group in groups for c in commands(group)]


@pytest.mark.parametrize(
    ("module", "raising"),
    [
        ("typer", "raise KeyboardInterrupt"),
        ("lightkeeper.operations", "raise KeyboardInterrupt"),
        ("numba", "raise ImportError('initialization failed') from KeyboardInterrupt()"),
    ],
)
def test_an_interrupt_while_modules_load_is_met_like_any_other(module: str, raising: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT_AT.format(module=module, raising=raising)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_entry_loads_no_stage() -> None:
    code = (
        "import sys, lightkeeper.cli; "
        "print([m for m in ('numpy', 'numba', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_audiences_are_those_of_the_notices() -> None:
    assert {a.value for a in AudienceName} == {a.value for a in Audience}


@pytest.mark.parametrize("command", commands(app), ids=lambda c: c.__name__)
def test_every_command_prints_json(command: Callable[..., object]) -> None:
    assert "as_json" in inspect.signature(command).parameters


@pytest.mark.parametrize(
    ("text", "mend"),
    [("2026-01-10", "2026-01-10T00:00Z"), ("2026-01-10T04:10", "2026-01-10T04:10Z")],
)
def test_the_instant_suggested_is_accepted(text: str, mend: str) -> None:
    with pytest.raises(InputError, match=f"like {mend} or "):
        parse_instant(text)
    assert parse_instant(mend).tzinfo is not None


def test_a_variable_that_is_no_setting_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIGHTKEEPER_CREW", "3")
    assert run(["validate", "nosuchfolder"]) == 2
    done = capsys.readouterr()
    assert "LIGHTKEEPER_CREW is no setting and has no effect; did you mean" in done.err
    assert "no file or folder" in done.out
    assert "LIGHTKEEPER" not in done.out

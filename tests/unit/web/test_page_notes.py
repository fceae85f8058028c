"""Every note that the server can make is said in Ukrainian too by the page's catalogue."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lightkeeper

SOURCE = Path(lightkeeper.__file__).parent
FRONTEND = SOURCE.parents[1] / "frontend"

NOTES = (
    "consequences/dependencies.py",
    "consequences/heat.py",
    "damage/estimate.py",
    "damage/groups.py",
    "damage/sample.py",
    "plans/reinforcement.py",
    "plans/restoration.py",
    "plans/shedding.py",
)
"""Where texts are put into a list called `notes`."""

FAILURES = ("reports/download.py", "reports/look.py", "reports/telegram_live.py")
"""Where a source fails."""

SENTENCES = ("incidents/match.py", "incidents/rewrites.py", "incidents/sources.py")
"""Where the words of evidence are all the sentences there are."""


def frame(node: ast.expr) -> str | None:
    """The text with "#" for what varies, as the catalogue has it; None for no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "#" for part in node.values
        )
    else:
        return None
    return text.replace('"#"', "#")


def put_into_notes(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("notes.append"):
            yield node.args[0]
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "notes":
            yield from node.value.elts if isinstance(node.value, ast.List) else ()


def failures(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "SourceFailed":
            yield node.args[0]


def sentences(tree: ast.AST) -> Iterator[ast.expr]:
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    within = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant | ast.JoinedStr)
            and id(node) not in documented | within
            and re.fullmatch(r"[a-z#][^|]* [^|]*", frame(node) or "")
        ):
            yield node


def frames() -> list[str]:
    found: set[str] = set()
    kinds = ((NOTES, put_into_notes), (FAILURES, failures), (SENTENCES, sentences))
    for modules, collect in kinds:
        for module in modules:
            told = collect(ast.parse((SOURCE / module).read_text(encoding="utf-8")))
            new = {
                text
                for node in told
                if (text := frame(node)) is not None and len(re.findall("[a-z]{2,}", text)) > 1
            }
            assert new, f"{module} makes no such text any more; take it from the list"
            found |= new
    return sorted(found)


@pytest.mark.skipif(not FRONTEND.is_dir(), reason="the page's sources are not beside the package")
def test_every_note_is_in_the_ukrainian_catalogue() -> None:
    path = FRONTEND / "src" / "lib" / "messages" / "uk.json"
    told = json.loads(path.read_text(encoding="utf-8"))["word"]["note"]
    assert [text for text in frames() if text not in told] == []

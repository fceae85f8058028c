"""The generated page of the docs is what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def make_reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_reference", ROOT / "tools/make_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_is_stale(make_reference: ModuleType) -> None:
    stale = make_reference.stale_pages(ROOT / "docs")
    assert stale == [], "run: python tools/make_reference.py"


def test_a_stale_page_is_found(make_reference: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "reference/grid-tables.md"
    assert page in make_reference.stale_pages(tmp_path)
    page.parent.mkdir()
    page.write_text(make_reference.grid_tables(), encoding="utf-8")
    assert page not in make_reference.stale_pages(tmp_path)
    page.write_text(page.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    assert page in make_reference.stale_pages(tmp_path)

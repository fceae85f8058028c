"""The wheel holds everything: it works where nothing of the repository is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NEEDED = (
    "lightkeeper/py.typed",
    "lightkeeper/web/static/index.html",
    "lightkeeper/web/templates/public.html",
    "lightkeeper/region/data/places.tsv.gz",
    "lightkeeper/region/data/outline.geojson",
    "lightkeeper/consequences/data/building_types.csv",
    "lightkeeper/region/data/demo-region.zip",
    "lightkeeper/region/data/SOURCES.md",
    "lightkeeper/damage/fragility.toml",
    "lightkeeper/plans/repair_times.toml",
    "lightkeeper/notices/texts/uk.toml",
    "lightkeeper/operations/demo_reports/demo.toml",
    "lightkeeper/storage/migrations/env.py",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_everything(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set(NEEDED) <= names
    assert any(n.startswith("lightkeeper/claims/lexicons/uk/") for n in names)
    assert any(n.startswith("lightkeeper/storage/migrations/versions/") for n in names)
    assert any(n.startswith("lightkeeper/web/static/assets/") for n in names)
    assert not any("__pycache__" in n or n.startswith("tests/") for n in names)


def test_the_installed_wheel_reads_reports(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(target), str(wheel)], check=True)
    (tmp_path / "post.txt").write_text("У Полтаві пролунало близько 6 вибухів.", encoding="utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r}); import lightkeeper; "
        f"assert lightkeeper.__file__.startswith({str(target)!r}), lightkeeper.__file__; "
        "from lightkeeper.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "picture", "post.txt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "about 6 explosions" in done.stdout

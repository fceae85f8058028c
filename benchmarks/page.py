"""What was measured, where and with what, and the place in the docs that it goes to."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
from pathlib import Path


def versions(*peers: str) -> str:
    """Machine and versions, in words."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            x.split(":")[1].strip() for x in info.read_text().splitlines() if "model name" in x
        ]
        model = f"{names[0]} ({len(names)} cores)" if names else model
    packages = ("numpy", "scipy", "numba", *peers)
    found = [
        f"{p} {importlib.metadata.version(p)}" for p in packages if importlib.util.find_spec(p)
    ]
    load = f"load average {os.getloadavg()[0]:.1f} at the start"
    return f"{model}, {load}, Python {platform.python_version()}, {', '.join(found)}"


def write_lines(page: Path, name: str, lines: list[str]) -> None:
    """Put lines between the marks `<!-- name -->` and the next `<!-- end -->` of a page."""
    mark, end = f"<!-- {name} -->", "<!-- end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(mark)
    assert found, f"{page} has no {mark}"
    _, _, after = rest.partition(end)
    text = "\n".join([mark, "", *lines, "", end])
    page.write_text(before + text + after, encoding="utf-8")

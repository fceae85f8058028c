"""Write the reference pages that are made from the code.

python tools/make_reference.py           # write them
python tools/make_reference.py --check   # exit 1 and name the pages that are stale
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from lightkeeper.grid.columns import COLUMNS, RAMP_PU_PER_MIN_BY_KIND, TABLES, Column
from lightkeeper.operations import Workspace
from lightkeeper.region.columns import LIST_SEPARATOR, REFERENCES, REGION_COLUMNS
from lightkeeper.region.model import (
    Dependency,
    District,
    Feeders,
    HeatSource,
    HomeGroup,
    MobileUnit,
    OutdoorHour,
    Service,
    WarmPoint,
)
from lightkeeper.settings import Settings
from lightkeeper.web.app import create_app

REGION_TABLES: Mapping[str, type] = {
    "districts": District,
    "feeders": Feeders,
    "heat_sources": HeatSource,
    "services": Service,
    "warm_points": WarmPoint,
    "dependencies": Dependency,
    "homes": HomeGroup,
    "temperatures": OutdoorHour,
    "mobile_units": MobileUnit,
}

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    check = parser.parse_args().check
    stale = stale_pages(DOCS)
    for path in stale:
        print(f"{path.relative_to(DOCS.parent)}: {'is stale' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(PAGES[path.relative_to(DOCS).as_posix()](), encoding="utf-8")
    if check and stale:
        print("run: python tools/make_reference.py", file=sys.stderr)
        return 1
    return 0


def stale_pages(docs: Path) -> list[Path]:
    """Return the pages under `docs` that are absent or differ from what the code says."""
    return [
        docs / name
        for name, make in PAGES.items()
        if not (docs / name).is_file() or (docs / name).read_text(encoding="utf-8") != make()
    ]


def grid_tables() -> str:
    """Render every column of every network table."""
    parts = [
        "# Tables of a network",
        "",
        "A network is a folder: `network.toml` with `name`, `base_mva` (100 if absent) and",
        "`is_synthetic` (must be given), and one CSV file per table, in UTF-8; only `buses.csv`",
        "must be there. Columns may come in any order; an absent column and an empty cell take the",
        "default. Blank rows and rows that begin with `#` are passed over. Cells are separated by",
        "commas, or by `;` or tabs, and then a decimal comma is understood. A flag is `true` or",
        "`false`. Text stands in one line without blanks around it; an id does not begin with `#`.",
        "",
        "Made from `src/lightkeeper/grid/columns.py` by `python tools/make_reference.py`.",
    ]
    for table in TABLES:
        doc = " ".join((TABLES[table].__doc__ or "").split())
        parts += ["", f"## {table}.csv", "", doc, "", *_column_table(COLUMNS[table])]
    parts += ["", "## Ramp by kind of unit", "", "Where `ramp_pu_per_min` is not given.", ""]
    parts += ["| kind | ramp_pu_per_min |", "|---|---|"]
    parts += [f"| {kind} | {ramp:g} |" for kind, ramp in RAMP_PU_PER_MIN_BY_KIND.items()]
    return "\n".join(parts) + "\n"


def region_tables() -> str:
    """Render every column of every table that a region has beside its network's."""
    parts = [
        "# Tables of a region",
        "",
        "A region is the folder of its [network](grid-tables.md), or a zip of that folder, with",
        "these files beside the network's: `region.toml` with `name`; `districts.geojson` with one",
        "feature per district (a Polygon or MultiPolygon in WGS 84, `id` as in `districts.csv`);",
        "and one CSV file per table, written as the network's are. `districts.csv` must be there.",
        f"Where a column holds several ids, `{LIST_SEPARATOR}` stands between them.",
        "",
        "Made from `src/lightkeeper/region/columns.py` by `python tools/make_reference.py`.",
    ]
    for table, record in REGION_TABLES.items():
        doc = (record.__doc__ or "").splitlines()[0]
        parts += ["", f"## {table}.csv", "", doc, "", *_column_table(REGION_COLUMNS[table])]
    return "\n".join(parts) + "\n"


def _column_table(columns: Sequence[Column]) -> list[str]:
    return [
        "| column | holds | unit | default | allowed | meaning |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(_row(c))} |" for c in columns),
    ]


def _row(column: Column) -> tuple[str, ...]:
    holds = f"id of a {column.kind}" if column.kind.is_reference else column.kind.value
    if target := REFERENCES.get((column.table, column.name)):
        holds = f"{'ids' if column.name == target else 'id'} in `{target}`"
    return (
        f"`{column.name}`",
        holds,
        column.unit,
        _default(column),
        _allowed(column),
        column.meaning.replace("|", "\\|"),
    )


def _default(column: Column) -> str:
    if column.required:
        return "**required**"
    if column.same_as:
        return f"by `{column.same_as}`, below" if column.by_value else f"as `{column.same_as}`"
    if column.may_be_unknown or column.kind.is_reference:
        return "not known"
    if isinstance(column.default, bool):
        return str(column.default).lower()
    return (
        f"{column.default:g}" if isinstance(column.default, float) else str(column.default) or '""'
    )


def _allowed(column: Column) -> str:
    if column.choices:
        return ", ".join(choice or '""' for choice in column.choices)
    bounded_low, bounded_high = column.low > float("-inf"), column.high < float("inf")
    if bounded_low and bounded_high:
        return f"{column.low:g} to {column.high:g}"
    if bounded_low:
        return f"above {column.low:g}" if column.excludes_low else f"{column.low:g} or more"
    return ""


def openapi() -> str:
    """Render the schema of the JSON API; the page's types are made from it."""
    # The schema depends on the routes alone: no store, no region.
    app = create_app(cast(Workspace, SimpleNamespace(gazetteer=None)))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def settings() -> str:
    """Render every setting with its variable, default and meaning."""
    parts = [
        "# Settings",
        "",
        "Read once, at start, from the environment and from `lightkeeper.toml` in the folder where",
        "`lightkeeper` is started; the environment wins. In the file a setting has its short name:",
        "`n_scenarios = 200`.",
        "",
        "Made from `src/lightkeeper/settings.py` by `python tools/make_reference.py`.",
        "",
        "| variable | default | allowed | meaning |",
        "|---|---|---|---|",
    ]
    properties = Settings.model_json_schema()["properties"]
    for name, field in Settings.model_fields.items():
        schema = properties[name]
        variants = schema.get("anyOf", [schema])
        low, high = schema.get("minimum"), schema.get("maximum")
        allowed = [v["pattern"] for v in variants if "pattern" in v]
        if low is not None:
            allowed.append(f"{low:g} to {high:g}" if high is not None else f"{low:g} or more")
        shown = DEFAULTS_BY_PLACE.get(name, f"`{field.default}`")
        patterns = ", ".join(f"`{a}`".replace("|", "\\|") if a[0] == "^" else a for a in allowed)
        parts.append(
            f"| `LIGHTKEEPER_{name.upper()}` | {shown} | {patterns} | {field.description} |"
        )
    return "\n".join(parts) + "\n"


DEFAULTS_BY_PLACE: Mapping[str, str] = {
    "database": "`lightkeeper.sqlite` in the user's data folder (XDG)",
    "region": "none",
    "language_model_url": "none",
    "language_model_key": "none",
}

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/grid-tables.md": grid_tables,
    "reference/region-tables.md": region_tables,
    "reference/openapi.json": openapi,
    "reference/settings.md": settings,
}

if __name__ == "__main__":
    sys.exit(main())

"""`lightkeeper sources`: check the file of sources, ask them once, say how each does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lightkeeper.cli.edge import err, out, print_json, settings
from lightkeeper.errors import DeliveryError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from lightkeeper.notices.picture import SourceEntry
    from lightkeeper.reports.source import SourceSettings

sources = typer.Typer(
    no_args_is_help=True, help="Where reports come from: check, ask once, say how each does."
)

FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="File of the sources (TOML); none: the one of the settings."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

WORDS = {
    "ok": "answers",
    "silent": "silent for too long",
    "failed": "failed",
    "unwatched": "not asked lately",
    "waiting": "nothing yet",
}


@sources.command()
def check(file: FileOption = None, as_json: AsJson = False) -> None:
    """Check the file, and that keys, paths and packages are there. Nothing is fetched."""
    from lightkeeper import operations

    configured = operations.read_source_file(_path(file))
    problems = [p for source in configured for p in operations.find_missing(source, os.environ)]
    if as_json:
        print_json({"n_sources": len(configured), "problems": problems})
    else:
        for problem in problems:
            out.print(str(problem), markup=False)
        out.print(f"{len(configured)} source(s), {len(problems)} problem(s)")
    if problems:
        raise typer.Exit(InputError.exit_code)


@sources.command()
def poll(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; none: all.")] = None,
    file: FileOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come; log nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the sources once and add what is new to the log."""
    from lightkeeper import operations

    path = _path(file)
    workspace = operations.open_workspace(settings().model_copy(update={"sources": path}))
    with workspace.store:
        chosen = _choose(workspace.sources, names or [], path)
        desk = operations.SourceDesk(workspace, operations.make_tools(workspace, os.environ))
        done = [desk.look(source, is_dry=dry_run) for source in chosen]
    if as_json:
        print_json(done)
    else:
        for looked in done:
            said = (
                f"{looked.n_new} new, {looked.n_versions} changed, {looked.n_deleted} deleted"
                if looked.answered
                else "failed"
            )
            out.print(f"{looked.name}: {said}", markup=False)
            if looked.reason:
                err.print(f"  {looked.reason}", markup=False)
    if any(looked.reason for looked in done):
        raise typer.Exit(DeliveryError.exit_code)


@sources.command("list")
def list_(file: FileOption = None, as_json: AsJson = False) -> None:
    """Say how each source does, by the log."""
    from lightkeeper import operations

    chosen = settings()
    listed = operations.list_logged_sources(chosen.database, file or chosen.sources)
    if as_json:
        print_json(listed)
    else:
        show_sources(out, listed)


def show_sources(console: Console, listed: tuple[SourceEntry, ...]) -> None:
    """Print a table of sources."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("source", "kind", "state", "last answer (UTC)", "last news (UTC)", "brought")
    for entry in listed:
        state = WORDS[entry.state] + (f": {entry.reason}" if entry.reason else "")
        answered, heard = (
            "never" if at is None else f"{at:%Y-%m-%d %H:%M}"
            for at in (entry.last_seen_at, entry.last_new_at)
        )
        name = escape(entry.name or "entered by hand")
        table.add_row(name, entry.kind, escape(state), answered, heard, str(entry.n_new))
    console.print(table)


def _path(file: Path | None) -> Path:
    path = file or settings().sources
    if path is None:
        raise InputError("no file of sources: give --file, or set LIGHTKEEPER_SOURCES")
    return path


def _choose(
    configured: tuple[SourceSettings, ...], names: list[str], path: Path
) -> tuple[SourceSettings, ...]:
    known = {source.name for source in configured}
    for name in names:
        if name not in known:
            raise InputError(f'there is no source "{name}" in {path}; it has {", ".join(known)}')
    return tuple(s for s in configured if not names or s.name in names)

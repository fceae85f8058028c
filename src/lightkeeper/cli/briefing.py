"""`lightkeeper brief`: what is known of an incident, a place or a period, with its sources."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lightkeeper.cli.edge import (
    AudienceName,
    err,
    opened,
    parse_instant,
    progress_bar,
    settings,
)
from lightkeeper.errors import InputError


class LanguageName(StrEnum):
    """Languages of briefs."""

    UK = "uk"
    EN = "en"


class BriefFormat(StrEnum):
    """How a brief is written."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"


def brief(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Report files to read instead of the log; nothing is stored."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="Log file to read instead of the setting's.")
    ] = None,
    incident: Annotated[str | None, typer.Option(help="Id of one incident.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Oblast, raion, hromada or town: a name or a code.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Start, e.g. 2026-01-10T20:00+02:00.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="End of the period.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="What was known at a past moment of the log.")
    ] = None,
    language: Annotated[LanguageName, typer.Option(help="Language.")] = LanguageName.UK,
    format_: Annotated[
        BriefFormat, typer.Option("--format", help="Page, Markdown or JSON.")
    ] = BriefFormat.MARKDOWN,
    audience: Annotated[
        AudienceName, typer.Option(help="Who may read it.")
    ] = AudienceName.OFFICIAL,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; none: print it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Say what is known of an incident, a place or a period: every sentence with its claims.

    Unknowns are said as such, contradictions with both sides; rewrites count as one source.
    """
    from lightkeeper import operations
    from lightkeeper.incidents import IncidentId
    from lightkeeper.incidents.brief import to_html, to_markdown
    from lightkeeper.notices.model import Audience

    request = operations.BriefRequest(
        incident=None if incident is None else IncidentId(incident),
        place=place,
        from_at=None if from_ is None else parse_instant(from_),
        to_at=None if to is None else parse_instant(to),
        language=language.value,
        audience=Audience(audience),
    )
    moment = None if at is None else parse_instant(at)
    if paths:
        if at is not None or log is not None:
            raise InputError("--at and --log are for the log; files named have no past")
        with progress_bar() as progress:
            made = operations.brief_of_files(paths, request, settings=settings(), progress=progress)
    else:
        if log is not None and not log.is_file():
            raise InputError(f'log "{log}": there is no such file; check the path')
        database = None if log is None else str(log)
        with opened(None, database=database) as workspace, progress_bar() as progress:
            made = operations.brief_of_log(workspace, request, at=moment, progress=progress)
    if as_json or format_ is BriefFormat.JSON:
        from pydantic_core import to_json

        text = to_json(made, indent=2).decode() + "\n"
    else:
        text = to_html(made) if format_ is BriefFormat.HTML else to_markdown(made)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f'"{output}" cannot be written: {error.strerror}') from error
    err.print(f"written: {output}", markup=False)

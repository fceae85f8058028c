"""The commands. Each parses, calls one use case, prints; exit codes tell the kind of error."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lightkeeper import __version__
from lightkeeper.cli.briefing import brief
from lightkeeper.cli.edge import (
    EXIT_INTERRUPTED,
    AudienceName,
    choose_port,
    complain,
    err,
    make_picture,
    opened,
    out,
    parse_instant,
    print_json,
    progress_bar,
    serving,
    settings,
)
from lightkeeper.cli.reading import model_endpoint, read
from lightkeeper.cli.reviewing import review
from lightkeeper.cli.simulating import simulate
from lightkeeper.cli.sources import sources
from lightkeeper.errors import InputError, LightkeeperError

if TYPE_CHECKING:
    pass

# The stages are imported inside the commands: `lightkeeper --help` must not wait for numba, and an
# interrupt while they load is met as any other.

MAX_SILENT = 10

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From reports of an attack on an energy system to one trusted picture, and to action.",
    epilog="Exit codes: 0 done, 2 the input is at fault, 3 the calculation has no answer, "
    "4 the store or the outside world is, 130 interrupted.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
By = Annotated[str, typer.Option("--by", help="Your name; it stands in the log.")]
RegionPath = Annotated[
    Path | None,
    typer.Option("--region", help="Folder or zip of the region.", exists=True),
]
At = Annotated[
    str | None,
    typer.Option("--at", help="Past moment with its offset, e.g. 2026-01-10T04:10Z."),
]


AudienceOption = Annotated[AudienceName, typer.Option("--audience", help="Whose view to print.")]


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Run one command; every error raised on purpose becomes a message and an exit code."""
    try:
        app(args=words)
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 0
        if code == EXIT_INTERRUPTED:
            return interrupted()
        return code
    except KeyboardInterrupt:
        return interrupted()
    except ImportError as error:
        # A compiled module that is interrupted while it loads says that it cannot be loaded.
        if not isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            raise
        return interrupted()
    except LightkeeperError as error:
        complain(error)
        return error.exit_code
    return 0


def interrupted() -> int:
    """Say so; return the exit code."""
    err.print("interrupted; what was stored before is kept")
    return EXIT_INTERRUPTED


def print_version(value: bool) -> None:
    """Print the version and stop."""
    if value:
        out.print(f"lightkeeper {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """From reports of an attack on an energy system to one trusted picture, and to action."""
    from lightkeeper.settings import unknown_variables

    for warning in unknown_variables(os.environ):
        err.print("[yellow]warning:[/] ", end="")
        err.print(warning, markup=False)


@app.command()
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Reports: files or folders (txt, md, html, json, zip)."),
    ] = None,
    feeders: Annotated[
        Path | None, typer.Option(help="Feeder-off list of a distribution operator (CSV, JSON).")
    ] = None,
    calls: Annotated[Path | None, typer.Option(help="Call-centre counts (CSV, JSON).")] = None,
    region: RegionPath = None,
    by: By = "cli",
    as_json: AsJson = False,
) -> None:
    """Add reports and observations to the log. The same file twice is one report."""
    from lightkeeper import operations

    if not (paths or feeders or calls):
        raise InputError("nothing to ingest: name report files, --feeders or --calls")
    with opened(region) as workspace:
        with progress_bar() as progress:
            done = operations.ingest(workspace, paths or [], actor=by, progress=progress)
            silent = operations.find_without_claims(workspace, done.new, progress=progress)
        recorded = {
            kind: operations.record_observations(workspace, path, kind, actor=by)
            for kind, path in (("feeders", feeders), ("calls", calls))
            if path is not None
        }
    if as_json:
        print_json(
            {
                "new": [r.id for r in done.new],
                "known": [r.id for r in done.known],
                "deleted": [r.id for r in done.deleted],
                "unreadable": [str(e) for e in done.unreadable],
                "without_claims": [r.id for r in silent],
                "observations": {k: r.n_observations for k, r in recorded.items()},
                "observations_known": [k for k, r in recorded.items() if not r.is_new],
            }
        )
    else:
        if paths:
            out.print(f"{len(done.new)} new report(s), {len(done.known)} held already")
        if done.deleted:
            out.print(f"{len(done.deleted)} deleted at their source since; they count no more")
        for report in silent[:MAX_SILENT]:
            name = report.source if report.item is None else f"{report.source}, item {report.item}"
            out.print(f"no claim found in {name} ({report.id})", markup=False)
        if len(silent) > MAX_SILENT:
            out.print(f"nor in {len(silent) - MAX_SILENT} more; --json has all")
        for kind, list_ in recorded.items():
            held = "" if list_.is_new else ", held already"
            out.print(f"{list_.n_observations} observation(s) from {kind}{held}")
    for error in done.unreadable:
        complain(error)
    if done.unreadable:
        raise typer.Exit(InputError.exit_code)


@app.command()
def retract(
    report: Annotated[str, typer.Argument(help="Id of the report.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    by: By,
    undo: Annotated[bool, typer.Option("--undo", help="Take the retraction back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a report out of every figure. It stays in the log, and this can be undone."""
    from lightkeeper import operations
    from lightkeeper.reports.model import ReportId

    with opened(None) as workspace:
        change = operations.restore_report if undo else operations.retract_report
        change(workspace, ReportId(report), reason=reason, actor=by)
    if as_json:
        print_json({"report": report, "is_retracted": not undo})
    else:
        out.print(f"report {report} {'counts again' if undo else 'no longer counts'}")


@app.command()
def order(
    shortage_mw: Annotated[float, typer.Argument(min=0, help="Power to take off, MW; 0 ends it.")],
    by: By,
    source: Annotated[str, typer.Option(help="Who ordered it.")] = "transmission operator",
    as_json: AsJson = False,
) -> None:
    """Record the transmission operator's order to take power off; shedding and schedule meet it."""
    from lightkeeper import operations

    with opened(None) as workspace:
        operations.order_shortage(workspace, shortage_mw, source=source, actor=by)
    if as_json:
        print_json({"shortage_mw": shortage_mw, "source": source})
    else:
        out.print(f"ordered off: {shortage_mw:g} MW, by {source}")


@app.command()
def picture(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Report files to read instead of the log; nothing is stored."),
    ] = None,
    region: RegionPath = None,
    at: At = None,
    audience: AudienceOption = AudienceName.OPERATOR,
    as_json: AsJson = False,
) -> None:
    """Print the operating picture: of the log, of a past moment, or of the files named.

    Files without --region are read and reconciled only; no figure of the network is computed.
    """
    from lightkeeper.cli.show import show_picture

    result = make_picture(paths or [], region, at, audience)
    if as_json:
        print_json(result)
    else:
        show_picture(out, result, asked_at=None if at is None else parse_instant(at))


class PlanKind(StrEnum):
    """Plans that can be printed alone."""

    SHED = "shed"
    SCHEDULE = "schedule"
    MOBILE = "mobile"
    REPAIR = "repair"
    INSPECT = "inspect"
    REINFORCE = "reinforce"


@app.command()
def plan(
    kind: Annotated[PlanKind, typer.Argument(help="Which plan.")],
    region: RegionPath = None,
    at: At = None,
    crews: Annotated[int | None, typer.Option(min=1, help="Repair crews.")] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Budget for reinforcement.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what to shed, the hourly schedule, where to send mobile units, what to repair,
    inspect or reinforce first."""
    from lightkeeper.cli.show import NOTHING_KNOWN, show_mark
    from lightkeeper.cli.show_plans import PLANS

    overrides = {k: v for k, v in (("crews", crews), ("budget", budget)) if v is not None}
    result = make_picture([], region, at, AudienceName.OPERATOR, **overrides)
    parts = {
        PlanKind.SHED: result.shedding,
        PlanKind.SCHEDULE: result.schedule,
        PlanKind.MOBILE: result.mobile,
        PlanKind.INSPECT: result.assets,
        PlanKind.REPAIR: result.repair,
        PlanKind.REINFORCE: result.reinforcement,
    }
    if as_json:
        print_json(parts[kind])
    else:
        show_mark(out, result)
        if result.totals is None:
            out.print(NOTHING_KNOWN)
        PLANS[kind](out, result)


@app.command()
def notify(
    notice: Annotated[
        str | None, typer.Argument(help="Id of a notice; none lists them all.")
    ] = None,
    approve_by: Annotated[
        str | None, typer.Option("--approve-by", help="Approve it in this person's name.")
    ] = None,
    cap: Annotated[
        Path | None, typer.Option(help="Write the approved notice there as CAP 1.2 XML.")
    ] = None,
    region: RegionPath = None,
    as_json: AsJson = False,
) -> None:
    """List notice drafts, approve one in a named person's name, write it as a CAP message."""
    from lightkeeper.cli.show import show_mark, show_notices
    from lightkeeper.notices.model import Audience, NoticeId

    if notice is None and (approve_by is not None or cap is not None):
        raise InputError("which notice? give its id; `lightkeeper notify` lists them")
    with serving(region) as service:
        if notice is not None and approve_by is not None:
            service.approve(NoticeId(notice), actor=approve_by)
        if notice is not None and cap is not None:
            cap.write_bytes(service.cap(NoticeId(notice)))
        result = service.picture(Audience.OPERATOR)
    shown = [n for n in result.notices if notice is None or n.id == notice]
    if notice is not None and not shown:
        raise InputError(
            f'notice "{notice}" is not in the picture; `lightkeeper notify` lists them'
        )
    if as_json:
        print_json(shown)
    else:
        show_mark(out, result)
        show_notices(out, shown)


@app.command()
def synth(
    folder: Annotated[Path, typer.Argument(help="Folder or .zip to write the region to.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same region.")] = 1,
    buses: Annotated[
        int,
        typer.Option(
            min=1,
            help="About how many buses. The least depends on the country and the box: enough "
            "substations for its demand and districts; fewer are refused with that number.",
        ),
    ] = 1500,
    country: Annotated[str, typer.Option(help="ISO code of the country.")] = "UA",
    box: Annotated[
        str | None, typer.Option(help="Bounding box: west,south,east,north in degrees.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a synthetic region: network, districts, feeders, services. Nothing in it is real."""
    from lightkeeper import operations

    with progress_bar() as progress:
        summary = operations.synthesise(
            folder, seed=seed, n_buses=buses, country=country, box=box, progress=progress
        )
    if as_json:
        print_json(summary)
    else:
        for name, value in summary.items():
            out.print(f"{name.replace('_', ' ')}: {value}")


@app.command()
def validate(
    path: Annotated[
        str, typer.Argument(help="Folder or zip of a network or region, or a MATPOWER case.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check a network or region and print every problem with its place and mend."""
    from lightkeeper import operations
    from lightkeeper.cli.show import show_problems

    problems = operations.find_problems(path)
    if as_json:
        print_json(problems)
    else:
        show_problems(out, problems)
        n_errors = sum(not p.is_warning for p in problems)
        out.print(f"{n_errors} error(s), {len(problems) - n_errors} warning(s)")
    if any(not p.is_warning for p in problems):
        raise typer.Exit(InputError.exit_code)


@app.command()
def serve(
    reports: Annotated[
        list[Path] | None, typer.Argument(help="Reports to add to the log first.")
    ] = None,
    region: RegionPath = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any.")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    source_file: Annotated[
        Path | None,
        typer.Option("--sources", help="Ask the sources of this file (TOML) meanwhile."),
    ] = None,
    by: By = "cli",
    as_json: AsJson = False,
) -> None:
    """Add the reports named, compute the picture and serve it on a page. Loopback only.

    With --json the first line of the output is the address, as JSON.
    """
    from lightkeeper import operations
    from lightkeeper.web.serve import run_server

    with opened(region, sources=source_file) as workspace:
        if reports:
            with progress_bar() as progress:
                done = operations.ingest(workspace, reports, actor=by, progress=progress)
            for error in done.unreadable:
                complain(error)
        run_server(
            workspace,
            settings().host,
            choose_port(port),
            open_page=open_page,
            console=err,
            announce=print_address if as_json else None,
        )


def print_address(url: str) -> None:
    """Print where the server is, as one line of JSON, at once."""
    print(json.dumps({"url": url, "public": f"{url}public"}), flush=True)


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any.")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the demo's log in this file; none: a new one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the picture of an invented attack on a synthetic network. An exercise."""
    from lightkeeper import operations
    from lightkeeper.notices.model import Audience
    from lightkeeper.web.serve import run_server

    with progress_bar() as progress:
        workspace = operations.open_demo(settings(), keep=keep, progress=progress)
    with workspace.store:
        if as_json:
            print_json(operations.PictureService(workspace).picture(Audience.OPERATOR))
            return
        run_server(workspace, settings().host, choose_port(port), open_page=open_page, console=err)


app.command()(brief)
app.command()(read)
app.command()(review)
app.command()(simulate)

app.add_typer(sources, name="sources")

evaluation = typer.Typer(no_args_is_help=True, help="Compare results with annotated sets.")
app.add_typer(evaluation, name="evaluate")


@evaluation.callback()
def evaluate() -> None:
    """Compare results with annotated sets."""


@evaluation.command("claims")
def evaluate_claims(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Sets (JSON Lines of posts or headlines), or reports.", exists=True),
    ],
    export: Annotated[
        Path | None, typer.Option(help="Write what was read, in the neutral format (JSON Lines).")
    ] = None,
    n_errors: Annotated[
        int, typer.Option("--errors", help="Errors to print of each sort.", min=0)
    ] = 5,
    lexicons: Annotated[
        Path | None,
        typer.Option(
            help="Folder of own words and rules, read before those of the package.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    model: Annotated[
        bool,
        typer.Option(
            "--model",
            help="Read by the language model set, not by rules. Sends the texts there.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read annotated reports and print recall, precision and errors by kind of claim."""
    from lightkeeper import operations
    from lightkeeper.cli.show_evaluation import show_evaluation

    endpoint = model_endpoint() if model else None
    with progress_bar() as progress:
        done = operations.evaluate_claims(
            paths, export=export, lexicons=lexicons, endpoint=endpoint, progress=progress
        )
    if as_json:
        print_json(done)
    else:
        show_evaluation(out, done, n_errors)


@evaluation.command("incidents")
def evaluate_incidents(
    paths: Annotated[
        list[Path], typer.Argument(help="Sets (JSON Lines of posts), or reports.", exists=True)
    ],
    gold: Annotated[
        Path | None,
        typer.Option(help="The set's incidents (YAML or JSON) to compare with.", exists=True),
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the incidents, in the neutral format (JSON Lines).")
    ] = None,
    by_name: Annotated[
        bool,
        typer.Option("--by-name", help="Tell who speaks from the channel's name alone."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Reconcile annotated reports and print how well their events are told apart."""
    from lightkeeper import operations
    from lightkeeper.cli.show_evaluation import show_incidents_evaluation

    with progress_bar() as progress:
        done = operations.evaluate_incidents(
            paths, gold=gold, export=export, use_channel_types=not by_name, progress=progress
        )
    if as_json:
        print_json(done)
    else:
        show_incidents_evaluation(out, done)


@app.command()
def reconcile(
    mentions: Annotated[
        Path, typer.Argument(help="Event mentions, one a line (JSON Lines).", exists=True)
    ],
    export: Annotated[
        Path | None,
        typer.Option(help="Write the groups: JSON Lines, or columns for scorers (.conll)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Group event mentions that were found elsewhere into events; score them if the truth is there.

    A line has document and text, and may have id, lemma, topic, type, places, times, participants,
    sentence and gold.
    """
    from lightkeeper import operations
    from lightkeeper.cli.show_evaluation import show_grouping

    done = operations.reconcile_mentions_file(mentions, export=export)
    if as_json:
        print_json(done)
        return
    out.print(
        f"{done.n_mentions} mention(s) in {done.n_documents} document(s), "
        f"{len(done.groups)} event(s)"
    )
    for name, score in done.scores:
        out.print(f"{name}:", markup=False)
        show_grouping(out, score)
    for file in done.written:
        out.print(f"written: {file}", markup=False)

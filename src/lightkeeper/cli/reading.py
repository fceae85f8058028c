"""`lightkeeper read`: what the rules read in texts, and a language model beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lightkeeper.cli.edge import err, out, print_json, progress_bar, settings
from lightkeeper.errors import InputError

if TYPE_CHECKING:
    from lightkeeper.claims.compare import Comparison
    from lightkeeper.claims.model import Claim, ClaimId
    from lightkeeper.operations.language_model import ModelEndpoint, SecondReading
    from lightkeeper.operations.read_text import ReadText

MAX_WORDS = 100


def read(
    paths: Annotated[
        list[Path], typer.Argument(help="Reports: files or folders (txt, md, html, json).")
    ],
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Have the language model of the settings read them too, and say where it "
            "disagrees. Sends the texts to its address.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Print every claim that would be read in reports. Nothing is stored."""
    from lightkeeper.operations.read_text import read_files

    endpoint = model_endpoint() if compare else None
    with progress_bar() as progress:
        done = read_files(paths, endpoint=endpoint, progress=progress)
    if as_json:
        print_json(done)
    else:
        for one in done:
            show_read(out, one)


def model_endpoint() -> ModelEndpoint:
    """Return the language model of the settings, and say where the texts go."""
    from lightkeeper.operations.language_model import endpoint_from

    endpoint = endpoint_from(settings())
    if endpoint is None:
        raise InputError(
            "no language model is set; set LIGHTKEEPER_LANGUAGE_MODEL_URL to its address"
        )
    err.print(f"the texts are sent to {endpoint.host}", markup=False)
    return endpoint


def show_read(console: Console, one: ReadText) -> None:
    """Print the claims of one report, then how a second reading compares."""
    from lightkeeper.cli.show import claim_line, say_time

    report = one.report
    name = report.source if report.item is None else f"{report.source}, item {report.item}"
    language = report.language or "another language: nothing is read"
    console.print(f"[bold]{escape(name)}[/]  ({language}), {len(one.claims)} claim(s)")
    names = {p.code: p.name_en for p in one.place_names}
    for claim in one.claims:
        console.print(f"  {claim.span.start}-{claim.span.end} {escape(claim_line(claim))}")
        places = ", ".join(names.get(p.code, p.text) if p.code else p.text for p in claim.places)
        layer = "" if claim.layer == "incident" else f"; {claim.layer.replace('_', ' ')}"
        time = "" if claim.time is None else f"; {say_time(claim.time)}"
        console.print(f"      {escape(places or 'no place')}{escape(time)}{layer}")
    if one.second is not None:
        _show_second(console, one, one.second)
    console.print()


def _show_second(console: Console, one: ReadText, second: SecondReading) -> None:
    outcome = str(second.outcome).replace("_", " ")
    detail = f" ({second.detail})" if second.detail else ""
    who = f"language model {second.model} at {second.host}"
    console.print(f"  {who}: {outcome}{detail}", markup=False)
    if second.outcome != "answered":
        console.print("  the claims above are the rules' own and stand as they are")
        return
    claims: dict[ClaimId, Claim] = {c.id: c for c in (*one.claims, *second.claims)}
    console.print(
        f"  {len(second.comparisons) - second.n_disagreements} the same, "
        f"{second.n_disagreements} not; {len(second.refused)} refused"
    )
    for comparison in second.comparisons:
        if comparison.agreement != "same":
            console.print(f"    {escape(_line(comparison, claims))}")
    for refusal in second.refused:
        reason = str(refusal.reason).replace("_", " ")
        words = " ".join(refusal.words.split())[:MAX_WORDS]
        console.print(f'    refused: {refusal.field} "{words}", {reason}', markup=False)


def _line(comparison: Comparison, claims: dict[ClaimId, Claim]) -> str:
    shown = next(claims[i] for i in (comparison.rules, comparison.model) if i is not None)
    words = f'{shown.kind.replace("_", " ")} "{" ".join(shown.span.text.split())[:MAX_WORDS]}"'
    agreement = str(comparison.agreement).replace("_", " ")
    fields = "; ".join(
        f"{d.field}: rules {d.rules}, model {d.model}" for d in comparison.differences
    )
    return f"{agreement}: {words}" + (f" ({fields})" if fields else "")

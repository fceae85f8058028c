"""`lightkeeper simulate`: what a network does with elements gone, told in one of five ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lightkeeper.cli.edge import (
    EXIT_INTERRUPTED,
    err,
    out,
    print_json,
    progress_bar,
    stop_on_interrupt,
)
from lightkeeper.errors import InputError

# The stages are imported inside the functions: `lightkeeper --help` must not wait for numba.


class TripName(StrEnum):
    """The rules of tripping by name, known before the flow engine is loaded."""

    ALL_AT_ONCE = "all-at-once"
    WORST_FIRST = "worst-first"
    TIMED_RELAYS = "timed-relays"


class ScreenKind(StrEnum):
    """How many losses at once."""

    SINGLE = "n-1"
    PAIRS = "n-2"


class LossName(StrEnum):
    """What can be lost, known before the flow engine is loaded."""

    BRANCH = "branch"
    UNIT = "unit"
    SUBSTATION = "substation"


def simulate(
    network: Annotated[
        str,
        typer.Argument(
            help="Folder or zip of a network or region, or a MATPOWER case (file, name)."
        ),
    ],
    lose: Annotated[
        list[str] | None, typer.Option(help="Id of a branch, bus, unit or tie to lose; repeat it.")
    ] = None,
    random: Annotated[int, typer.Option(min=0, help="Random scenarios instead.")] = 0,
    n_lost: Annotated[int, typer.Option("-k", min=1, help="Branches lost in each.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random scenarios.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
    outages: Annotated[
        Path | None, typer.Option(help="Scenarios as JSON, by rows of a MATPOWER case.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="With --outages: write results there (npz or json).")
    ] = None,
    trip: Annotated[
        TripName | None, typer.Option(help="Tell step by step what trips by this rule, and why.")
    ] = None,
    hidden: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="With --trip: chance of a hidden failure.")
    ] = 0.0,
    horizon: Annotated[
        float, typer.Option(min=1.0, help="With --trip timed-relays: seconds to follow.")
    ] = 900.0,
    screen: Annotated[
        ScreenKind | None, typer.Option(help="Try every single loss, or every pair of losses.")
    ] = None,
    kind: Annotated[
        list[LossName] | None,
        typer.Option(help="With --screen n-2: pairs of these alone; repeat it."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="With --screen n-2: go on from this file, and leave it when stopped."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="With --screen: worst losses shown.")] = 10,
    margin: Annotated[
        bool, typer.Option("--margin", help="Say how near the network is to falling apart.")
    ] = False,
    load_curve: Annotated[
        Path | None, typer.Option(help="With --margin: hour by hour, CSV of hour and load_pu.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Say what a network does with elements gone: islands, balance, cascade, load not served."""
    named = tuple(lose or ())
    if sum(x is not None for x in (outages, trip, screen, margin or None)) > 1:
        raise InputError("--outages, --trip, --screen and --margin exclude each other; give one")
    if (kind or checkpoint) and screen is not ScreenKind.PAIRS:
        raise InputError("--kind and --checkpoint are for --screen n-2")
    if load_curve is not None and not margin:
        raise InputError("--load-curve is for --margin")
    if export is not None and outages is None:
        raise InputError("--export is for --outages")
    if random and (screen is not None or margin):
        raise InputError("--screen and --margin try every loss; leave out --random")
    if named and (screen is not None or outages is not None):
        raise InputError("--screen and --outages say themselves what is lost; leave out --lose")
    if screen is not None:
        print_screening(network, screen, kind, checkpoint, top, threads, as_json=as_json)
    elif margin:
        print_margin(network, load_curve, named, threads, as_json=as_json)
    elif outages is not None:
        print_outages(network, outages, export, threads, as_json=as_json)
    else:
        losses = Losses(named, random, n_lost, seed)
        if trip is not None:
            print_trace(network, losses, trip, hidden, horizon, threads, as_json=as_json)
        else:
            print_simulation(network, losses, threads, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Losses:
    """Elements named, or so many random scenarios."""

    named: tuple[str, ...]
    n_random: int
    n_lost: int
    seed: int


def print_simulation(network: str, losses: Losses, threads: int, *, as_json: bool) -> None:
    """Run the losses until nothing trips and print what is left."""
    from lightkeeper import operations
    from lightkeeper.cli.show_flow import show_simulation

    with progress_bar() as progress:
        result = operations.simulate(
            network,
            lose=losses.named,
            n_random=losses.n_random,
            n_lost=losses.n_lost,
            seed=losses.seed,
            n_threads=threads,
            progress=progress,
        )
    if as_json:
        print_json(result)
    else:
        show_simulation(out, result)


def print_outages(
    network: str, outages: Path, export: Path | None, threads: int, *, as_json: bool
) -> None:
    """Run the scenarios of a file and write what they come to."""
    from lightkeeper import operations
    from lightkeeper.cli.show_flow import show_simulation

    with progress_bar() as progress:
        result = operations.simulate_outages(
            network, outages, export=export, n_threads=threads, progress=progress
        )
    if as_json:
        print_json(result)
    else:
        show_simulation(out, result)


def print_trace(
    network: str,
    losses: Losses,
    trip: TripName,
    hidden: float,
    horizon: float,
    threads: int,
    *,
    as_json: bool,
) -> None:
    """Tell the losses step by step."""
    from lightkeeper import operations
    from lightkeeper.cli.show_cascade import show_trace
    from lightkeeper.flow import TripRule

    with progress_bar() as progress:
        traced = operations.trace(
            network,
            trip_rule=TripRule(trip.value),
            lose=losses.named,
            n_random=losses.n_random,
            n_lost=losses.n_lost,
            hidden_failure_pu=hidden,
            horizon_s=horizon,
            seed=losses.seed,
            n_threads=threads,
            progress=progress,
        )
    if as_json:
        print_json(traced)
    else:
        show_trace(out, traced)


def print_screening(
    network: str,
    screen: ScreenKind,
    kinds: list[LossName] | None,
    checkpoint: Path | None,
    top: int,
    threads: int,
    *,
    as_json: bool,
) -> None:
    """Try every loss and print the worst; a first interrupt stops it at a good place."""
    from lightkeeper import operations
    from lightkeeper.cli.show_cascade import show_screening
    from lightkeeper.flow import LossKind

    with progress_bar() as progress, stop_on_interrupt() as is_stopped:
        report = operations.screen(
            network,
            order=1 if screen is ScreenKind.SINGLE else 2,
            kinds=frozenset(LossKind(k.value) for k in kinds or LossName),
            checkpoint=checkpoint,
            top=top,
            n_threads=threads,
            progress=progress,
            is_cancelled=is_stopped,
        )
    if as_json:
        print_json(report)
    else:
        show_screening(out, report)
    if not report.is_complete:
        if checkpoint is not None:
            err.print(f'stopped; the same command goes on from "{checkpoint}"', markup=False)
        raise typer.Exit(EXIT_INTERRUPTED)


def print_margin(
    network: str, load_curve: Path | None, named: tuple[str, ...], threads: int, *, as_json: bool
) -> None:
    """Say how near the network is to falling apart, now or hour by hour."""
    from lightkeeper import operations
    from lightkeeper.cli.show_cascade import show_margin

    with progress_bar() as progress, stop_on_interrupt() as is_stopped:
        report = operations.regional_margin(
            network,
            load_curve=load_curve,
            lose=named,
            n_threads=threads,
            progress=progress,
            is_cancelled=is_stopped,
        )
    if as_json:
        print_json(report)
    else:
        show_margin(out, report)
    if not report.is_complete:
        raise typer.Exit(EXIT_INTERRUPTED)

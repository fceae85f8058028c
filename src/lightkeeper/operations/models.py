"""Networks and regions from wherever they are: read, check, make."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lightkeeper.errors import DataInvalid, InputError, Problem
from lightkeeper.grid import Network, check_folder, read_matpower, read_network, validate
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import (
    SynthOptions,
    check_region,
    make_region,
    read_region,
    write_region,
)
from lightkeeper.units import FloatArray

REGION_MARKS = ("region.toml", "districts.csv", "feeders.csv", "districts.geojson")
"""A folder with any of these is meant as a region, even where another is missing."""


def load_network(where: str) -> Network:
    """Return the network of a folder, of a region's folder or zip, or of a MATPOWER case."""
    path = Path(where)
    if _is_region(path):
        return read_region(path).network
    return read_network(path) if path.is_dir() else read_matpower(path if path.exists() else where)


def load_people(where: str, network: Network) -> FloatArray | None:
    """Return how many people live on each bus, by the feeders of a region; None for a network."""
    path = Path(where)
    if not _is_region(path):
        return None
    feeders = read_region(path).feeders
    bus = network.loads.bus[feeders.load]
    people = np.zeros(len(network.buses.id))
    np.add.at(people, bus, feeders.population)
    return people


def find_problems(where: str) -> list[Problem]:
    """Return every problem of a network or region, faults that stop the reading included."""
    path = Path(where)
    try:
        if _is_region(path):
            return check_region(path)[1]
        if path.is_dir():
            return check_folder(path)[1]
        return validate(load_network(where), has_files=False)
    except DataInvalid as error:
        return list(error.problems)


def synthesise(
    target: Path,
    *,
    seed: int,
    n_buses: int,
    country: str,
    box: str | None,
    progress: Progress = no_progress,
) -> dict[str, str | int | float]:
    """Make a synthetic region, write it to a folder or zip, and say what is in it."""
    options = SynthOptions(
        seed=seed, n_buses=n_buses, country=country, bounding_box=_parse_box(box)
    )
    region = make_region(options, progress=progress)
    write_region(region, target)
    network = region.network
    return {
        "region": region.name,
        "written_to": str(target),
        "seed": seed,
        "buses": len(network.buses.id),
        "lines": len(network.lines.id),
        "transformers": len(network.transformers.id),
        "units": len(network.generators.id),
        "ties": len(network.ties.id),
        "demand_mw": round(float(network.loads.p_mw.sum()), 1),
        "districts": len(region.districts),
        "feeders": len(region.feeders.id),
        "people": int(region.feeders.population.sum()),
        "services": len(region.services),
    }


def _is_region(path: Path) -> bool:
    return path.suffix == ".zip" or any((path / name).is_file() for name in REGION_MARKS)


def _parse_box(box: str | None) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    try:
        west, south, east, north = (float(x) for x in box.split(","))
    except ValueError as error:
        raise InputError(f'box "{box}": give west,south,east,north in degrees') from error
    if not (west < east and south < north):
        raise InputError(f'box "{box}": west must be below east, south below north')
    return west, south, east, north

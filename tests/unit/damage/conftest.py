"""A small region: a city set apart from its raion, and a district of another oblast.

Substations: "hub" (no feeders, plant beside it), "north" and "south" (city), "edge" (city and
raion), "field" (raion), "far" (other oblast). Three feeders of 1,000-3,000 people each.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from lightkeeper.claims.model import (
    Attribution,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.grid.build import make_network
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import (
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatSource,
    HeatSourceKind,
    PlaceCode,
    PlaceLevel,
    Region,
    Service,
    ServiceKind,
)
from lightkeeper.reports.model import ReportId

SITES = ("hub", "north", "south", "edge", "field", "far")
# Feeder: (substation, district, place, queue, people). Three to a substation.
FEEDERS = (
    ("north", 0, "CITY", "1.1", 1000),
    ("north", 0, "CITY", "1.2", 2000),
    ("north", 0, "CITY", "", 3000),
    ("south", 0, "CITY", "2.1", 2000),
    ("south", 0, "CITY", "2.2", 2000),
    ("south", 0, "CITY", "", 2000),
    ("edge", 0, "CITY", "3.1", 1500),
    ("edge", 1, "TOWN", "3.2", 1500),
    ("edge", 1, "TOWN", "4.1", 1000),
    ("field", 1, "VILLAGE", "4.2", 1000),
    ("field", 1, "VILLAGE", "5.1", 1000),
    ("field", 1, "TOWN", "", 2000),
    ("far", 2, "PORT", "5.2", 4000),
    ("far", 2, "PORT", "6.1", 3000),
    ("far", 2, "PORT", "6.2", 3000),
)
PLACES = """code\tlevel\tkind\tname_uk\tname_en\tparent\tseat\tlon\tlat\tpopulation\tspellings
LAND\tcountry\t\tКраїна\tLand\t\t\t\t\t\t
ONE\toblast\t\tПерша\tFirst oblast\tLAND\tCITY\t\t\t\t
RAION\traion\t\tРайон\tRaion\tONE\tCITY\t\t\t\t
H1\thromada\t\tМіська\tCity hromada\tRAION\tCITY\t\t\t\t
H2\thromada\t\tСільська\tRural hromada\tRAION\tTOWN\t\t\t\t
CITY\tsettlement\tcity\tМісто\tCity\tH1\t\t30.5\t50.5\t13500\t
QUARTER\tcity_district\t\tРайон міста\tQuarter\tCITY\t\t\t\t\t
TOWN\tsettlement\ttown\tСелище\tTown\tH2\t\t30.5\t51.5\t4500\t
VILLAGE\tsettlement\tvillage\tСело\tVillage\tH2\t\t30.6\t51.6\t2000\t
HAMLET\tsettlement\tvillage\tХутір\tHamlet\tH2\t\t\t\t\t
TWO\toblast\t\tДруга\tSecond oblast\tLAND\tPORT\t\t\t\t
R2\traion\t\tПорт\tPort raion\tTWO\tPORT\t\t\t\t
H3\thromada\t\tПортова\tPort hromada\tR2\tPORT\t\t\t\t
PORT\tsettlement\tcity\tПорт\tPort\tH3\t\t30.5\t48.5\t10000\t
"""


def _square(lon: float, lat: float) -> dict[str, object]:
    ring = [[lon, lat], [lon + 1, lat], [lon + 1, lat + 1], [lon, lat + 1], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def _district(name: str, place: str, oblast: str, people: int, lat: float) -> District:
    return District(
        id=DistrictId(name),
        place=PlaceCode(place),
        oblast=PlaceCode(oblast),
        name_uk=name,
        name_en=name,
        population=people,
        lon=30.5,
        lat=lat + 0.5,
        polygon=_square(30.0, lat),
    )


@pytest.fixture(scope="session")
def region() -> Region:
    lat = [50.9, 50.4, 50.6, 50.95, 51.5, 48.5]
    people = np.array([f[4] for f in FEEDERS])
    bus = np.array([SITES.index(f[0]) for f in FEEDERS])
    demand = people / 100.0
    network = make_network(
        "small",
        100.0,
        True,
        {
            "substations": {
                "id": SITES,
                "name": SITES,
                "lon": 30.5,
                "lat": lat,
                "protection_level": [0, 0, 2, 0, 0, 0],
            },
            "buses": {
                "id": SITES,
                "substation": SITES,
                "base_kv": 110.0,
                "lon": 30.5,
                "lat": lat,
                "is_reference": [True, *([False] * 5)],
            },
            "lines": {
                "id": [
                    "hub-north",
                    "hub-south",
                    "north-south",
                    "hub-edge",
                    "edge-field",
                    "hub-far",
                ],
                "from_bus": ["hub", "hub", "north", "hub", "edge", "hub"],
                "to_bus": ["north", "south", "south", "edge", "field", "far"],
                "x_pu": 0.05,
                "rating_mva": [300.0, 300.0, 150.0, 300.0, 200.0, 250.0],
            },
            "transformers": {
                "id": ["hub-field"],
                "from_bus": ["hub"],
                "to_bus": ["field"],
                "x_pu": 0.1,
                "rating_mva": 200.0,
            },
            "generators": {
                "id": ["g1", "g2", "g3"],
                "plant": ["station", "station", "chp"],
                "bus": ["hub", "hub", "north"],
                "kind": ["thermal", "thermal", "chp"],
                "p_mw": [150.0, 110.0, 40.0],
                "p_max_mw": [250.0, 200.0, 60.0],
            },
            # Strong enough that no loss in the region leaves a surplus or a shortage.
            "ties": {
                "id": ["tie"],
                "bus": ["hub"],
                "import_limit_mw": [2000.0],
                "export_limit_mw": [2000.0],
            },
            "loads": {
                "id": SITES[1:],
                "bus": SITES[1:],
                "p_mw": [demand[bus == b].sum() for b in range(1, len(SITES))],
            },
        },
    )
    return Region(
        name="small",
        network=network,
        districts=(
            _district("city", "CITY", "ONE", 13500, 50.0),
            _district("raion", "RAION", "ONE", 6500, 51.0),
            _district("port", "PORT", "TWO", 10000, 48.0),
        ),
        feeders=Feeders(
            id=np.array([f"f{k}" for k in range(len(FEEDERS))]),
            load=(bus - 1).astype(np.int32),
            district=np.array([f[1] for f in FEEDERS], dtype=np.int32),
            place=np.array([f[2] for f in FEEDERS]),
            queue=np.array([f[3] for f in FEEDERS]),
            demand_mw=demand,
            population=people.astype(np.int32),
            is_critical=np.array([f[3] == "" for f in FEEDERS]),
        ),
        heat_sources=(
            HeatSource(
                id="chp-heat",
                name="CHP",
                kind=HeatSourceKind.CHP,
                plant="chp",
                feeder=None,
                districts=(DistrictId("city"),),
                population=9000,
                lon=30.5,
                lat=50.4,
            ),
            HeatSource(
                id="boiler",
                name="Boiler house",
                kind=HeatSourceKind.BOILER_HOUSE,
                plant="",
                feeder=FeederId("f11"),
                districts=(DistrictId("raion"),),
                population=2000,
                lon=30.5,
                lat=51.5,
            ),
        ),
        services=(
            Service(
                id="hospital",
                name="Hospital",
                kind=ServiceKind.HOSPITAL,
                district=DistrictId("city"),
                feeder=FeederId("f2"),
                backup_h=24.0,
                demand_mw=1.0,
                lon=30.5,
                lat=50.4,
            ),
        ),
        warm_points=(),
    )


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer(PLACES)


class Tell:
    """Makes claims and incidents in few words; every claim gets its own id."""

    def __init__(self) -> None:
        self._n = 0

    def claim(
        self,
        kind: ClaimKind,
        *places: str,
        report: str = "r1",
        at: datetime | None = None,
        level: PlaceLevel = PlaceLevel.SETTLEMENT,
        part: str | None = None,
        layer: Layer = Layer.INCIDENT,
        certainty: Certainty = Certainty.OBSERVED,
        target: str | None = None,
        extent: str | None = None,
        count: Count | None = None,
        customers: Count | None = None,
        weapons: tuple[str, ...] = (),
        is_negated: bool = False,
    ) -> Claim:
        self._n += 1
        text = f"words {self._n}"
        return Claim(
            id=ClaimId(f"{report}:{kind.value}:{self._n}"),
            report=ReportId(report),
            kind=kind,
            layer=layer,
            span=Span(10 * self._n, 10 * self._n + len(text), text),
            attribution=Attribution(role=SpeakerRole.SELF),
            places=tuple(
                PlaceRef(text=p, code=PlaceCode(p), level=level, part=part) for p in places
            ),
            time=None if at is None else TimeRef(text="then", from_at=at, to_at=at),
            count=count,
            customers=customers,
            weapons=Weapons(mode="either", items=weapons) if weapons else None,
            target=target,
            extent=extent,
            certainty=certainty,
            is_negated=is_negated,
        )

    def incident(self, *claims: Claim, name: str = "i1", parent: str | None = None) -> Incident:
        return Incident(
            id=IncidentId(name),
            title=name,
            kind="attack",
            places=(),
            time=None,
            claims=claims,
            reports=tuple(dict.fromkeys(c.report for c in claims)),
            sources=(),
            n_independent_sources=1,
            facts=(),
            contradictions=(),
            unknowns=(),
            parent=None if parent is None else IncidentId(parent),
        )


@pytest.fixture
def tell() -> Tell:
    return Tell()


@pytest.fixture(scope="session")
def noon() -> datetime:
    return datetime(2026, 1, 10, 12, tzinfo=UTC)

"""Places, districts and who depends on what."""

from lightkeeper.region.columns import QUEUES, REGION_COLUMNS
from lightkeeper.region.csv_folder import check_region, load_demo_region, read_region, write_region
from lightkeeper.region.districts import district_of, districts_of
from lightkeeper.region.gazetteer import Gazetteer, SettlementKind, load_gazetteer
from lightkeeper.region.model import (
    BuildingType,
    Dependency,
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatingKind,
    HeatSource,
    HeatSourceKind,
    HomeGroup,
    Need,
    OutdoorHour,
    Place,
    PlaceCode,
    PlaceLevel,
    QueueId,
    Region,
    Service,
    ServiceKind,
    WarmPoint,
    WarmPointKind,
)
from lightkeeper.region.names import fold_name, romanise, romanise_bgn, romanise_russian
from lightkeeper.region.outline import country_polygon, load_outline
from lightkeeper.region.synth import SynthOptions, make_region
from lightkeeper.region.validate import validate_region

__all__ = [
    "QUEUES",
    "REGION_COLUMNS",
    "BuildingType",
    "Dependency",
    "District",
    "DistrictId",
    "FeederId",
    "Feeders",
    "Gazetteer",
    "HeatSource",
    "HeatSourceKind",
    "HeatingKind",
    "HomeGroup",
    "Need",
    "OutdoorHour",
    "Place",
    "PlaceCode",
    "PlaceLevel",
    "QueueId",
    "Region",
    "Service",
    "ServiceKind",
    "SettlementKind",
    "SynthOptions",
    "WarmPoint",
    "WarmPointKind",
    "check_region",
    "country_polygon",
    "district_of",
    "districts_of",
    "fold_name",
    "load_demo_region",
    "load_gazetteer",
    "load_outline",
    "make_region",
    "read_region",
    "romanise",
    "romanise_bgn",
    "romanise_russian",
    "validate_region",
    "write_region",
]

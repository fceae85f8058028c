"""Places, districts and who depends on what."""

from lightkeeper.region.gazetteer import Gazetteer, SettlementKind, load_gazetteer
from lightkeeper.region.model import (
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatSource,
    HeatSourceKind,
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

__all__ = [
    "District",
    "DistrictId",
    "FeederId",
    "Feeders",
    "Gazetteer",
    "HeatSource",
    "HeatSourceKind",
    "Place",
    "PlaceCode",
    "PlaceLevel",
    "QueueId",
    "Region",
    "Service",
    "ServiceKind",
    "SettlementKind",
    "WarmPoint",
    "WarmPointKind",
    "fold_name",
    "load_gazetteer",
    "romanise",
    "romanise_bgn",
    "romanise_russian",
]

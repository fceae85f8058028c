"""The network: its model, readers and writer, and what is wrong with it."""

from lightkeeper.grid.build import (
    branch_ids,
    fingerprint,
    lookup,
    make_network,
    table_arrays,
)
from lightkeeper.grid.columns import COLUMNS, TABLES, Column, ColumnKind
from lightkeeper.grid.csv_folder import check_folder, read_network, write_network
from lightkeeper.grid.matpower import matpower_branch_rows, read_matpower
from lightkeeper.grid.model import (
    BranchId,
    Buses,
    BusId,
    GeneratorId,
    GeneratorKind,
    Generators,
    Lines,
    Loads,
    Network,
    Shunts,
    SubstationId,
    Substations,
    Switches,
    Ties,
    Transformers,
)
from lightkeeper.grid.topology import Sites, group_into_sites, label_islands
from lightkeeper.grid.validate import validate

__all__ = [
    "COLUMNS",
    "TABLES",
    "BranchId",
    "BusId",
    "Buses",
    "Column",
    "ColumnKind",
    "GeneratorId",
    "GeneratorKind",
    "Generators",
    "Lines",
    "Loads",
    "Network",
    "Shunts",
    "Sites",
    "SubstationId",
    "Substations",
    "Switches",
    "Ties",
    "Transformers",
    "branch_ids",
    "check_folder",
    "fingerprint",
    "group_into_sites",
    "label_islands",
    "lookup",
    "make_network",
    "matpower_branch_rows",
    "read_matpower",
    "read_network",
    "table_arrays",
    "validate",
    "write_network",
]

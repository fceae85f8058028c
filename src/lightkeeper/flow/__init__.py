"""The numerical core: what a damaged network does. It knows nothing of reports or people."""

from lightkeeper.flow.cascade import PreparedCase, iter_cascade, prepare, run_cascade
from lightkeeper.flow.case import build_case, make_case
from lightkeeper.flow.check import kirchhoff_residual_mw
from lightkeeper.flow.islands import label_islands
from lightkeeper.flow.margin import (
    Margin,
    MarginLimit,
    MarginOptions,
    at_load,
    find_margins,
    take_away,
)
from lightkeeper.flow.model import (
    BalanceRule,
    CascadeResult,
    CascadeTrace,
    ElementKind,
    FlowCase,
    FlowOptions,
    LossCause,
    Output,
    Scenarios,
    TraceOptions,
    TripCause,
    TripRule,
)
from lightkeeper.flow.neutral import (
    Study,
    limits_from_margin,
    read_outages,
    relay_results,
    write_neutral,
    write_relay_results,
)
from lightkeeper.flow.scenarios import lose, lose_each, no_loss, select
from lightkeeper.flow.screening import Screening, ScreenOptions, screen_pairs, screen_single
from lightkeeper.flow.screening_elements import LossKind, substation_buses
from lightkeeper.flow.trace import PUBLISHED_RELAYS, trace_cascade

__all__ = [
    "PUBLISHED_RELAYS",
    "BalanceRule",
    "CascadeResult",
    "CascadeTrace",
    "ElementKind",
    "FlowCase",
    "FlowOptions",
    "LossCause",
    "LossKind",
    "Margin",
    "MarginLimit",
    "MarginOptions",
    "Output",
    "PreparedCase",
    "Scenarios",
    "ScreenOptions",
    "Screening",
    "Study",
    "TraceOptions",
    "TripCause",
    "TripRule",
    "at_load",
    "build_case",
    "find_margins",
    "iter_cascade",
    "kirchhoff_residual_mw",
    "label_islands",
    "limits_from_margin",
    "lose",
    "lose_each",
    "make_case",
    "no_loss",
    "prepare",
    "read_outages",
    "relay_results",
    "run_cascade",
    "screen_pairs",
    "screen_single",
    "select",
    "substation_buses",
    "take_away",
    "trace_cascade",
    "write_neutral",
    "write_relay_results",
]

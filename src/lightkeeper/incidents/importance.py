"""How much an open question matters to a decision, by what it is about."""

from __future__ import annotations

from lightkeeper.incidents.model import Importance

IMPORTANCE = {
    "casualties": Importance.HIGH,
    "energy_asset": Importance.HIGH,
    "people_without_power": Importance.HIGH,
    "without_power": Importance.HIGH,
    "power_back": Importance.HIGH,
    "outage": Importance.HIGH,
    "possible_second_attack": Importance.HIGH,
    "strike": Importance.HIGH,
    "place": Importance.HIGH,
    "location": Importance.HIGH,
    "restoration_time": Importance.MEDIUM,
    "damage_extent": Importance.MEDIUM,
    "damage": Importance.MEDIUM,
    "damaged_buildings": Importance.MEDIUM,
    "cause": Importance.MEDIUM,
    "time": Importance.MEDIUM,
    "date": Importance.MEDIUM,
    "strikes": Importance.MEDIUM,
    "explosions": Importance.LOW,
    "weapon": Importance.LOW,
    "alert": Importance.LOW,
}
"""By field or subject. High: lives, and where crews and power must go. Low: no order changes."""


def grade(field: str) -> Importance:
    """How much a question about a field matters; medium where nothing is laid down."""
    return IMPORTANCE.get(field, Importance.MEDIUM)

"""Print how long each building type holds its heat: python tools/cold_bands.py [outdoor_c]."""

from __future__ import annotations

import sys

from lightkeeper.consequences import hours_until, load_buildings
from lightkeeper.consequences.buildings import EDGE


def main() -> None:
    outdoor_c = float(sys.argv[1]) if len(sys.argv) > 1 else -10.0
    print(f"hours (fast / usual / slow), {outdoor_c:g} °C outdoors")
    print("| type | time constant of the rooms | below 16 °C | below 10 °C | pipes below 5 °C |")
    print("|---|---|---|---|---|")
    for building in load_buildings().values():
        columns = (
            building.time_constant_h,
            hours_until(building, 16.0, outdoor_c),
            hours_until(building, 10.0, outdoor_c),
            hours_until(building, 5.0, outdoor_c, zone=EDGE),
        )
        cells = " | ".join(" / ".join(f"{h:.0f}" for h in band) for band in columns)
        print(f"| {building.type} | {cells} |")


if __name__ == "__main__":
    main()

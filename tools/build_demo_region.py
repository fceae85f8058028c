"""Make the demo's synthetic region again: python tools/build_demo_region.py [target.zip]."""

from __future__ import annotations

import sys
from pathlib import Path

from lightkeeper.region.csv_folder import write_region
from lightkeeper.region.synth import SynthOptions, make_region

DEMO = SynthOptions(seed=1, country="UA", n_buses=1500)
TARGET = Path(__file__).parents[1] / "src/lightkeeper/region/data/demo-region.zip"


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    region = make_region(
        DEMO, progress=lambda stage, share: print(f"{stage} {share:.0%}", file=sys.stderr)
    )
    write_region(region, target)
    network = region.network
    print(
        f"{target.name}: {len(network.buses.id)} buses, {len(network.lines.id)} lines, "
        f"{len(network.transformers.id)} transformers, {len(network.generators.id)} units, "
        f"{network.loads.p_mw.sum():.0f} MW, {len(region.districts)} districts, "
        f"{len(region.feeders.id)} feeders, {len(region.services)} services, "
        f"{sum(d.population for d in region.districts)} people, {target.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()

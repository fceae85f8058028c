"""What the phrase books of the three languages share: their tables, and what a claim says."""

from __future__ import annotations

from lightkeeper.claims import Claim


def rows(table: str) -> list[list[str]]:
    """Split a table of lines into its cells."""
    return [[c.strip() for c in row.split("|")] for row in table.strip().splitlines()]


def fields_of(claim: Claim) -> set[str]:
    """What a claim says in its fields, as the tables write it; "-" is any."""
    said = {claim.effect, claim.subject, claim.alert_type, claim.target, "-"}
    said.add(str(claim.outage_type) if claim.outage_type else None)
    said.add(f"{claim.temperature_c:g}" if claim.temperature_c is not None else None)
    said.update(claim.weapons.items if claim.weapons is not None else ())
    harm = claim.casualties
    if harm is not None:
        said.update(str(s) for s in (harm.status, harm.killed, harm.injured))
    said.update(str(c.best) for c in (claim.count, claim.customers) if c is not None)
    return {s for s in said if s is not None} | {p.text for p in claim.places}

"""What the claims are about, by the number of claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lightkeeper.claims.model import Claim, ClaimId, ClaimKind, OutageType
from lightkeeper.incidents.brief.model import Theme
from lightkeeper.incidents.brief.words import Words

_BY_KIND = {
    ClaimKind.ALERT: "alarm",
    ClaimKind.ALL_CLEAR: "alarm",
    ClaimKind.ADVICE: "alarm",
    ClaimKind.EXPLOSIONS: "attack",
    ClaimKind.STRIKE: "attack",
    ClaimKind.WEAPON: "attack",
    ClaimKind.OUTAGE: "power",
    ClaimKind.RESTORED: "repair",
    ClaimKind.REPAIR: "repair",
    ClaimKind.SCHEDULE: "power",
    ClaimKind.CASUALTIES: "casualties",
    ClaimKind.SERVICES: "services",
    ClaimKind.FORECAST: "outlook",
    ClaimKind.CONDITIONS: "weather",
}
_BY_TARGET = {
    **dict.fromkeys(
        ("energy_facility", "energy_system", "power_plant", "chp_plant", "substation"), "energy"
    ),
    **dict.fromkeys(("transformer", "power_line", "heat_facility", "gas_pipeline"), "energy"),
    **dict.fromkeys(("residential", "infrastructure", "education", "vehicles"), "housing"),
}
_BY_OUTAGE = {OutageType.WEATHER: "weather", OutageType.TECHNICAL: "weather"}


def find_themes(claims: Iterable[Claim], words: Words) -> tuple[Theme, ...]:
    """Themes, the one with most claims first; a claim may be of several."""
    found: dict[str, list[ClaimId]] = defaultdict(list)
    for claim in claims:
        of = (
            _BY_KIND.get(claim.kind),
            _BY_TARGET.get(claim.target or ""),
            None if claim.outage_type is None else _BY_OUTAGE.get(claim.outage_type),
        )
        for key in dict.fromkeys(k for k in of if k is not None):
            found[key].append(claim.id)
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Theme(key=key, label=words.text(f"theme.{key}"), claims=tuple(ids), n_claims=len(ids))
        for key, ids in ranked
    )

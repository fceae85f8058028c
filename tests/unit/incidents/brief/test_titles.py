"""One title of an incident in each language, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lightkeeper.claims import ClaimKind
from lightkeeper.incidents.brief import title_by_kind, titles_of
from lightkeeper.incidents.reconcile import reconcile
from lightkeeper.region import Gazetteer

Titles = Callable[..., list[str]]


@pytest.fixture
def titles(gazetteer: Gazetteer) -> Titles:
    def make(*drafts: object, language: str = "uk") -> list[str]:
        reports = [d.report() for d in drafts]  # type: ignore[attr-defined]
        claims = [c for d in drafts for c in d.claims]  # type: ignore[attr-defined]
        found = reconcile(claims, reports, gazetteer).incidents
        return list(titles_of(found, language, gazetteer).values())

    return make


@pytest.mark.parametrize(
    ("target", "uk", "en"),
    [
        (
            None,
            "Вибухи й відключення електроенергії — Ізюм, Харківська область",
            "Explosions and power outage — Izium, Kharkiv Oblast",
        ),
        (
            "substation",
            "Удар по об’єкту енергетики й відключення електроенергії — Ізюм, Харківська область",
            "Strike on a substation and power outage — Izium, Kharkiv Oblast",
        ),
    ],
)
def test_both_languages_say_the_same_of_what_was_hit(
    draft: Callable[..., object], titles: Titles, target: str | None, uk: str, en: str
) -> None:
    told = draft("a", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    if target is not None:
        told = told.tell(ClaimKind.STRIKE, at="Ізюм", time=(-1, 0), target=target)
    told = told.tell(ClaimKind.OUTAGE, at="Ізюм", time=(-1, 0))
    assert titles(told, language="en") == [en]
    assert titles(told) == [uk]


def test_a_place_that_is_not_released_differs_from_one_not_told() -> None:
    assert title_by_kind("alert", "", "uk", is_place_withheld=True).endswith("не оприлюднено")
    assert title_by_kind("alert", "", "uk", is_place_withheld=False).endswith("не названо")
    # A kind without words is a report, not an empty title.
    assert title_by_kind("new_kind", "Суми", "en", is_place_withheld=False) == "Report — Суми"

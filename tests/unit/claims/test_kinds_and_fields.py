"""Every kind of claim, every field, on single sentences; and another country's places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
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
    extract,
)
from lightkeeper.region.gazetteer import COLUMNS, Gazetteer, load_gazetteer
from lightkeeper.reports import make_report

Read = Callable[..., list[Claim]]
K = ClaimKind
AT = "2026-01-10T08:00+02:00"


@pytest.mark.parametrize(
    ("text", "kind", "effect"),
    [
        ("Лубни: лікарні працюють від генераторів.", K.SERVICES, "hospital_on_generators"),
        ("В Лубнах зник мобільний зв'язок.", K.SERVICES, "mobile_degraded"),
        ("У Лубнах немає води.", K.SERVICES, "water_off"),
        ("Вода в Лубнах надходитиме лише з 18:00 до 20:00.", K.SERVICES, "water_by_schedule"),
        ("Лубни без тепла.", K.SERVICES, "heat_off"),
        ("Тролейбуси в Лубнах не курсують.", K.SERVICES, "transport_off"),
        ("Поїзди через Лубни затримуються.", K.SERVICES, "transport_delayed"),
        ("Школи в Лубнах сьогодні онлайн.", K.SERVICES, "education_remote"),
        ("В Лубнах зруйновано вісім будинків.", K.DAMAGE, "destroyed"),
        ("Families in Lubny lost their homes.", K.DAMAGE, "destroyed"),
        ("The windows of a school were blown out in Lubny.", K.DAMAGE, "damaged"),
        ("Preliminary reports say an energy infrastructure facility in Lubny was hit.", K.DAMAGE,
         "hit"),
        ("В Лубнах ликвидирован пожар на подстанции.", K.DAMAGE, "fire_out"),
        ("Лубни: спочатку заживлюємо лікарні, світло повертаємо насамперед їм.", K.REPAIR,
         "priority"),
        ("Crews in Lubny are waiting for permission from the military.", K.REPAIR,
         "waiting_for_permission"),
        ("В Лубнах роботи призупинено через тривогу.", K.REPAIR, "interrupted"),
        ("Світло в Лубнах повернули всім.", K.RESTORED, "full"),
        ("У Лубнах аварійні відключення скасовано.", K.RESTORED, "cancelled"),
        ("Третина Лубен без світла.", K.OUTAGE, "partial"),
    ],
)  # fmt: skip
def test_effects(read: Read, text: str, kind: ClaimKind, effect: str) -> None:
    found = [c for c in read(text, at=AT) if c.kind is kind]
    assert [c.effect for c in found] == [effect], read(text, at=AT)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Мэрия опровергла отключение отопления в Лубнах.", K.SERVICES),
        ("Отключение света в Лубнах — фейк, сообщает мэрия.", K.OUTAGE),
        ("The mayor denied a strike on a power plant in Lubny.", K.STRIKE),
    ],
)
def test_what_is_called_untrue_is_denied(read: Read, text: str, kind: ClaimKind) -> None:
    found = [c for c in read(text, at=AT) if c.kind is kind]
    assert [c.is_negated for c in found] == [True], read(text, at=AT)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Лубни: причину з'ясовуємо.", "cause"),
        ("Лубни: триває оцінка збитків.", "damage_extent"),
        ("Коли в Лубнах відновлять світло, поки невідомо.", "restoration_time"),
        ("Лубни: кількість знеструмлених споживачів уточнюємо.", "customers"),
        ("The exact location of the hit in Lubny is unknown.", "location"),
    ],
)
def test_what_is_said_not_to_be_known(read: Read, text: str, subject: str) -> None:
    assert [c.subject for c in read(text, at=AT) if c.kind is K.UNKNOWN] == [subject]


@pytest.mark.parametrize(
    ("text", "outage"),
    [
        ("Через обстріл Лубни без світла.", OutageType.DAMAGE),
        ("У Лубнах екстрені відключення.", OutageType.EMERGENCY),
        ("Через мокрий сніг Лубни без світла.", OutageType.WEATHER),
        ("Лубни без світла: технічна несправність на підстанції.", OutageType.TECHNICAL),
        ("Планові знеструмлення у Лубнах 12 січня з 9:00 до 17:00.", OutageType.PLANNED_WORKS),
        ("Лубни без світла.", OutageType.UNKNOWN),
        ("Лубни атакували дрони. Місто без світла.", OutageType.UNKNOWN),
        ("У Лубнах пошкоджено підстанцію. Місто без світла.", OutageType.DAMAGE),
        ("В Лубнах аварийные отключения. Обесточены 900 потребителей.", OutageType.EMERGENCY),
    ],
)
def test_why_it_is_dark(read: Read, text: str, outage: OutageType) -> None:
    found = [c for c in read(text, at=AT) if c.kind is K.OUTAGE]
    assert {c.outage_type for c in found} == {outage}


@pytest.mark.parametrize(
    ("text", "injured", "bounds"),
    [
        ("У Лубнах поранено щонайменше трьох людей.", 3, Count(min=3, approximate=True)),
        ("About ten people were injured in Lubny.", 10, Count(best=10, approximate=True)),
        ("В Лубнах ранены до пяти человек.", None, Count(max=5, approximate=True)),
        ("У Лубнах поранено трьох людей.", 3, None),
    ],
)
def test_numbers_of_people_keep_their_bounds(
    read: Read, text: str, injured: int | None, bounds: Count | None
) -> None:
    (claim,) = [c for c in read(text, at=AT) if c.kind is K.CASUALTIES]
    assert claim.casualties is not None
    assert claim.casualties.injured == injured
    said = claim.casualties.bounds
    assert (said and (said.min, said.best, said.max)) == (
        bounds and (bounds.min, bounds.best, bounds.max)
    )


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("Кажуть, що в Лубнах влучили у підстанцію.", Layer.NARRATIVE),
        ("Після торішнього удару в Лубнах відбудовують підстанцію.", Layer.CONTEXT),
        ("У грудні в Лубнах пошкоджено підстанцію.", Layer.CONTEXT),
        ("У серпні в Лубнах пошкоджено підстанцію.", Layer.CONTEXT),
        ("На Лиманському напрямку відбулося 12 боєзіткнень, обстріляно позиції.",
         Layer.OUT_OF_SCOPE),
    ],
)  # fmt: skip
def test_layers(read: Read, text: str, layer: Layer) -> None:
    assert {c.layer for c in read(text, at="2026-01-04T08:00+02:00")} == {layer}


def test_hearsay_is_unconfirmed(read: Read) -> None:
    (claim,) = read("Кажуть, що в Лубнах влучили у підстанцію.", at=AT)
    assert claim.certainty is Certainty.UNKNOWN


def test_nobody_hurt_holds_wherever_harm_was_told(read: Read, gazetteer: Gazetteer) -> None:
    text = "У Лубнах пошкоджено підстанцію. У Хоролі влучання у школу. Постраждалих немає."
    (casualties,) = [c for c in read(text, at=AT) if c.kind is K.CASUALTIES]
    assert casualties.casualties is not None
    assert casualties.casualties.status is CasualtyStatus.ZERO
    named = {gazetteer.place(p.code).name_uk for p in casualties.places if p.code}
    assert named == {"Лубни", "Хорол"}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("О п'ятій ранку в Лубнах пролунав вибух.", 5),
        ("О 5-й годині ранку в Лубнах пролунав вибух.", 5),
        ("An explosion was heard in Lubny at 5 a.m. The city is without power.", 5),
        ("В 5 часов утра в Лубнах прогремел взрыв.", 5),
    ],
)
def test_hours(read: Read, text: str, hour: int) -> None:
    time = next(c.time for c in read(text, at=AT) if c.kind is K.EXPLOSIONS)
    assert time is not None
    assert time.from_at == datetime(2026, 1, 10, hour - 2, tzinfo=UTC)


def test_by_when_it_will_be_done(read: Read) -> None:
    (claim,) = read("Лубни: світло повернемо до обіду.", at=AT)
    assert (claim.kind, claim.layer) == (K.FORECAST, Layer.CONTEXT)
    assert claim.time is not None
    assert (claim.time.from_at, claim.time.to_at) == (None, datetime(2026, 1, 10, 11, tzinfo=UTC))


def test_places_of_another_country(tmp_path: Path) -> None:
    rows = [
        COLUMNS,
        ("FR", "country", "", "Фрідонія", "Freedonia", "", "FR1A", "", "", "", ""),
        ("FR1", "oblast", "", "Сильванська область", "Sylvan Oblast", "FR", "FR1A", "", "", "",
         "Sylvan region"),
        ("FR1A", "settlement", "city", "Кестрель", "Kestrel", "FR1", "", "1.5", "2.5", "90000", ""),
        ("FR1B", "settlement", "city", "Дубрава", "Oakholt", "FR1", "", "1.6", "2.6", "40000", ""),
    ]  # fmt: skip
    table = tmp_path / "places.tsv"
    table.write_text("\n".join("\t".join(row) for row in rows) + "\n", "utf-8")
    freedonia = load_gazetteer(table)

    def places(text: str) -> list[set[str]]:
        claims = extract(make_report("desk", text), freedonia)
        return [{str(p.code) for p in c.places} for c in claims]

    assert places("Explosions were heard in Oakholt. Part of the city is without power.") == [
        {"FR1B"}, {"FR1B"},
    ]  # fmt: skip
    assert places("The capital is without power.") == [{"FR1A"}]
    assert places("There are blackouts across the country.") == [{"FR"}]
    assert places("У Дубраві пролунали вибухи, Сильванська область без світла.") == [
        {"FR1B"}, {"FR1"},
    ]  # fmt: skip
    assert places("Explosions were heard in Kharkiv.") == [set()]

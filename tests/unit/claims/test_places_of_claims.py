"""Where what is told was: posts whose channel, districts, lists and ways to and from were misread.

Each row: a channel and how wide it speaks, a post, a kind of claim, and the places of its claims of
that kind in order of the text, parted by ";" where one claim has several.
"""

from __future__ import annotations

import pytest

from lightkeeper.claims import extract
from lightkeeper.claims.model import ClaimKind as K
from lightkeeper.claims.model import PlaceRef
from lightkeeper.region import Gazetteer
from lightkeeper.region.model import PlaceLevel
from lightkeeper.reports.read import make_report

TOWN, RAION, OBLAST, COUNTRY = (
    PlaceLevel.SETTLEMENT, PlaceLevel.RAION, PlaceLevel.OBLAST, PlaceLevel.COUNTRY,
)  # fmt: skip

CHANNELS = [
    ("Горсовет Каменского", TOWN, "Слышны взрывы.", K.EXPLOSIONS, ["Kamianske"]),
    ("Сумський оглядач", None, "Чутно вибухи.", K.EXPLOSIONS, ["Sumy"]),
    ("Миколаївські мережі", OBLAST, "Світла немає.", K.OUTAGE, ["Mykolaiv Oblast"]),
    ("Прикарпатські лінії", OBLAST, "Світла немає.", K.OUTAGE, ["Ivano-Frankivsk Oblast"]),
    ("Khmelnytskyi RMA", OBLAST, "Explosions were heard.", K.EXPLOSIONS, ["Khmelnytskyi Oblast"]),
    ("Вокзали й рейки", COUNTRY, "Світла немає.", K.OUTAGE, ["Ukraine"]),
    ("Рятувальники Одещини", COUNTRY, "Чутно вибухи.", K.EXPLOSIONS, ["Odesa Oblast"]),
    (
        "Воздух: Днепр и область", None,
        "Один взрыв на левом берегу, другой дальше, в стороне Самара.", K.EXPLOSIONS, ["Dnipro"],
    ),
]  # fmt: skip
DISTRICTS = [
    (
        "Обленерго Херсонщини", OBLAST,
        "Херсон, Корабельний район: після обстрілу світла немає. Поранено водія.",
        K.CASUALTIES, ["Korabelnyi District"],
    ),
    (
        "Обленерго Херсонщини", OBLAST,
        "Херсон, Дніпровський і Корабельний райони: світла немає.",
        K.OUTAGE, ["Dniprovskyi District; Korabelnyi District"],
    ),
    (
        None, None, "Суми: дрон влучив у будинок у Зарічному районі. Поранено двох людей.",
        K.CASUALTIES, ["Sumy"],
    ),
    (
        "Мер Кривого Рогу", TOWN, "По місту прилетіла ракета, Інгулецький район.",
        K.STRIKE, ["Inhuletskyi District"],
    ),
    (None, None, "Взрывы в Заречном районе Сум.", K.EXPLOSIONS, ["Zarichnyi District"]),
    (None, None, "Взрывы на Салтовке.", K.EXPLOSIONS, ["Kharkiv, Салтівка"]),
    (None, None, "На Пересипі немає світла.", K.OUTAGE, ["Peresypskyi District"]),
    (
        None, None, "Київ, Троєщина: світла немає. Решта міста живе за графіком.",
        K.OUTAGE, ["Kyiv, Троєщина"],
    ),
    ("Мер Павлограда", TOWN, "Без тепла мікрорайон ПЗТО.", K.SERVICES, ["Pavlohrad, ПЗТО"]),
    (None, None, "Горит дом в Голосеевском районе.", K.DAMAGE, ["Holosiivskyi District"]),
]  # fmt: skip
NAMES = [
    (None, None, "#Ізюмський_район Світла немає.", K.OUTAGE, ["Izium Raion"]),
    (
        None, None, "Харьковская, Полтавская, Сумская — отбой.", K.ALL_CLEAR,
        ["Kharkiv Oblast; Poltava Oblast; Sumy Oblast"],
    ),
    (
        None, None, "На Ніжинському напрямку знеструмлено підстанцію.", K.OUTAGE, ["Nizhyn"],
    ),
    (
        None, None, "У Золочеві Богодухівського району чутно вибухи.", K.EXPLOSIONS,
        ["Zolochiv"],
    ),
    (
        None, None, "В Херсонской ОВА рассказали об обстреле Белозёрки: погиб водитель.",
        K.CASUALTIES, ["Bilozerka"],
    ),
    (None, None, "Чутно вибухи у Жовтих Водах.", K.EXPLOSIONS, ["Zhovti Vody"]),
]  # fmt: skip
MEANT = [
    (
        None, None, "В Охтирці світло дали всім. У районі без світла ще 900 абонентів.",
        K.OUTAGE, ["Okhtyrka Raion"],
    ),
    (
        None, None, "По Печенізькій громаді били КАБами. У центрі селища вибито вікна.",
        K.DAMAGE, ["Pechenihy"],
    ),
    (
        "Харківська ОВА", OBLAST,
        "Чугуївський район: дрон влучив у будинок. Світла немає в Чугуєві та Малинівській "
        "громаді. Поранено двох людей.",
        K.CASUALTIES, ["Chuhuiv Raion"],
    ),
    (
        "Донецька ОВА", OBLAST,
        "Росіяни вбили двох жителів Донеччини — у Добропіллі та Білозерському.",
        K.CASUALTIES, ["Dobropillia; Bilozerske"],
    ),
]  # fmt: skip
WAYS = [
    (
        None, None, "Одеський район: загроза балістики! Пуск ракети з Криму, негайно в укриття.",
        K.ADVICE, ["Odesa Raion"],
    ),
    (
        "Обленерго Черкащини", OBLAST,
        "За командою з Києва додатково вимикаємо чергу 3.2 з 17:30 до 20:00.",
        K.SCHEDULE, ["Cherkasy Oblast"],
    ),
    (
        None, None,
        "Приліт у Кілії. Підписники з Вилкового пишуть про дим. Поранених двоє.",
        K.CASUALTIES, ["Kiliia"],
    ),
]  # fmt: skip


def _name(place: PlaceRef, gazetteer: Gazetteer) -> str:
    name = gazetteer.place(place.code).name_en if place.code else place.text
    is_named = place.part is not None and place.part[0].isupper()
    return f"{name}, {place.part}" if is_named else name


@pytest.mark.parametrize(
    ("channel", "speaks_for", "text", "kind", "places"),
    [*CHANNELS, *DISTRICTS, *NAMES, *MEANT, *WAYS],
)
def test_where_it_was(
    gazetteer: Gazetteer,
    channel: str | None,
    speaks_for: PlaceLevel | None,
    text: str,
    kind: K,
    places: list[str],
) -> None:
    report = make_report("a test", text, channel=channel, speaks_for=speaks_for)
    told = [
        "; ".join(_name(p, gazetteer) for p in claim.places)
        for claim in extract(report, gazetteer)
        if claim.kind is kind
    ]
    assert told == places

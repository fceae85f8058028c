"""Which language a text is in."""

from __future__ import annotations

import pytest

from lightkeeper.reports import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Emergency outages are in force in the capital.", "en"),
        ("У Лубнах чути вибухи. Перебувайте в укриттях.", "uk"),
        ("В Лубнах слышны взрывы, часть города без света.", "ru"),
        ("Загиблих і постраждалих немає.", "uk"),
        ("Lubny was hit by a KAB of 500 kg and a drone.", "en"),
        ("Жители Макеевки остались без света.", "ru"),
        ("Взривове разтърсиха града, част от него е без ток, съобщиха властите.", None),
        ("У Мінску чуваць выбухі, частка горада без святла, людзі ў сховішчах.", None),
        ("🟢 02:05 Лубенський район — відбій.", "uk"),
        ("Nach dem Angriff auf das Umspannwerk ist die Stadt ohne Strom.", None),
        ("Po ataku na podstację połowa miasta jest bez prądu.", None),
        ("Power restored in Konotop", "en"),
        ("Sumy: power back", "en"),
        ("Nikopol drone attack: 2 hurt", "en"),
        ("Explosions rang out in Dnipro.", "en"),
        ("Explosions in Kryvyi Rih, Vilkul.", "en"),
        ("Explosion à Odessa, trois morts", None),
        ("In Odessa war in der Nacht wieder Alarm", None),
        ("Strom weg in Kiew", None),
        ("停電が発生しました", None),
        ("04:10 🔴🔴 12", None),
        ("Частина Лубен знеструмлена.", "uk"),
        ("По Лубнах завдано ракетного удару.", "uk"),
        ("Лубни без води.", "uk"),
        ("По Снигирёвской громаде нанесён удар.", "ru"),
        ("Света нет в Лубнах.", "ru"),
    ],
)
def test_read_languages_are_told_from_others(text: str, language: str | None) -> None:
    assert detect_language(text) == language

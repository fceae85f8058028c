"""A phrase book of Russian: one short sentence a line, what it tells and the main field of it.

Each was once missed or read otherwise. They are spread over what is told, not over towns or
numbers.
"""

from __future__ import annotations

import pytest
from tests.unit.claims.conftest import Read

from lightkeeper.claims import Claim, ClaimKind

AT = "2026-02-03T09:30+02:00"
CHANNEL = "Лубенская городская военная администрация"

TOLD = """
strike      | artillery          | Херсон, сейчас работает арта, сидим по подвалам.
strike      | FAB                | Враг снова засыпал Краматорск «фабами».
strike      | ballistic_missile  | Около 3:40 Николаев содрогнулся от удара баллистики.
strike      | uav                | Двумя «Молниями» ударили по Золочеву.
strike      | uav                | Ночной дроновый налёт пережил Конотоп.
strike      | -                  | Два прихода подряд, Дергачи.
explosions  | 6                  | Одессу трясёт, уже шесть «бахов».
explosions  | -                  | Рвануло где-то в районе Сумского вокзала.
explosions  | -                  | Двойной хлопок над Ирпенем.
alert       | missile_threat     | Крылатые в сторону Кременчуга.
alert       | missile_threat     | Калибры в воздухе, вектор на Винницу.
alert       | uav_threat         | Дрон-камикадзе кружит над Черниговом.
alert       | uav_threat         | Сумщина, ещё одна пара «шахедов» пересекла границу.
alert       | -                  | Мирноград! Сход бомб, летит на вас.
damage      | uav                | Беспилотник протаранил автовышку энергетиков под Сумами.
damage      | shahed_uav         | Шахед спикировал на крышу элеватора.
damage      | education          | Снаряд попал в крышу детсада.
damage      | education          | Фасад лицея иссечён.
damage      | 28                 | Выбиты окна в 28 квартирах.
damage      | 4                  | Полностью уничтожен один дом, четыре — повреждены.
damage      | damaged            | Разнесло крышу склада.
damage      | fire               | Пламя с крыши перекинулось на чердак.
damage      | fire               | Спасатели борются с огнём на предприятии.
damage      | fire_out           | Пожар площадью 400 кв. м потушили.
damage      | fire_out           | Очаг в цеху сбит, проливают конструкции.
damage      | gas_pipeline       | В Марганце порвало газопровод осколками.
damage      | failure            | Перегорел трансформатор от перегрузки.
outage      | -                  | Обесточка на Алексеевке в Харькове.
outage      | -                  | После полуночи рубануло свет в трёх кварталах.
outage      | -                  | Половина города сидит впотьмах.
outage      | 600                | Остаются отключёнными 600 абонентов.
outage      | 2000               | Пока не восстановлено электроснабжение 2 000 потребителей.
outage      | 800                | Запитали 4 500 клиентов в Лубнах, ещё 800 остаются без света.
outage      | damage             | Электросеть в Херсоне легла после обстрела.
outage      | emergency          | По Днепру снова применили ГАО.
outage      | technical          | Из-за срабатывания защиты обесточен левый берег Черкасс.
restored    | cancelled          | Экстренные отключения в Киеве сняли, возвращаемся к графикам.
restored    | full               | Энергетики завершили восстановление электроснабжения в Пирятине.
restored    | partial            | Часть Херсона уже со светом.
restored    | -                  | По резервной линии запитан водоканал.
restored    | -                  | До всех отрезанных хуторов дошёл свет.
schedule    | scheduled          | Веерные отключения вернулись в Запорожскую область.
schedule    | power_limit_industry | Заводам Кривого Рога урезали лимит потребления до утра.
services    | water_off          | Нет света, воды и тепла.
services    | heat_off           | Нет света, воды и тепла.
services    | water_by_schedule  | Водоснабжение переведено на график: утром и вечером по два часа.
services    | heat_off           | Батареи остыли.
services    | transport_off      | Троллейбусы в Сумах стали.
services    | transport_delayed  | Интерсити Киев — Краматорск задерживается на три часа.
services    | education_remote   | Учебные заведения ушли на дистант.
services    | mobile_on_batteries | Базовые станции переведены на аккумуляторы.
services    | mobile_degraded    | Мобильный интернет едва дышит.
services    | disrupted          | Газ перекрыт на двух улицах.
services    | water_off          | В Терновке сухие краны вторые сутки.
casualties  | 3                  | Ранения получили трое сотрудников предприятия.
casualties  | 7                  | По уточнённой информации, пострадавших семеро.
casualties  | 30                 | Количество погибших увеличилось до шести, раненых — до 30.
casualties  | 1                  | В реанимации скончался один из пострадавших.
casualties  | zero               | Погибших и раненых, слава Богу, нет.
casualties  | none_reported      | По пострадавшим информации пока нет.
casualties  | none_reported      | На этот час никто за медпомощью не обратился.
repair      | waiting_for_permission | Заходить на подстанцию военные запретили.
repair      | waiting_for_permission | Допуска к объекту пока нет.
repair      | waiting_for_all_clear  | После отбоя тревоги вернёмся к работам.
repair      | interrupted        | Восстановление отложено: тревога.
repair      | in_progress        | Латаем линию, нужен час.
repair      | waiting_for_permission | Заехать пока не дают: дроны висят.
repair      | in_progress        | Ремонтники второй день без сна тянут новую линию.
unknown     | restoration_time   | Как долго продлятся работы, прогнозов не дают.
unknown     | damage_extent      | Объёмы ущерба ещё считают.
unknown     | cause              | Отчего погас свет, разбираются.
advice      | -                  | Не пренебрегайте сигналами тревоги.
advice      | -                  | Питьевую воду раздают у рынка с 10 до 14.
"""

NOT_TOLD = """
strike   | Обстрелы тут ни при чём.
outage   | Ни одного обесточенного абонента.
outage   | Слухи о полном блэкауте беспочвенны, заявил глава области.
damage   | Городской голова заявил, что порт не пострадал.
schedule | Почасовые отключения приостановлены.
"""

NOTHING = """
Если прилетит по подстанции, узнаем первыми.
Россия готовит новый массированный удар.
На Сумщине вручили генераторы больницам.
Как подготовиться к отключению света: советы.
На восстановление домов выделили 12 млн грн.
В память о погибших — минута молчания.
"""

SAID_BY = """
dso                    | Обесточены 30 тысяч семей, — ДТЭК.
dso                    | Без света 47 тыс. абонентов (Черниговоблэнерго).
oblast_administration  | Согласно данным ОВА, разрушены четыре дома.
emergency_service      | По предварительной информации ГСЧС, ранены двое.
mayor                  | Мэр Конотопа: без света весь город.
"""


def _rows(table: str) -> list[list[str]]:
    return [[c.strip() for c in row.split("|")] for row in table.strip().splitlines()]


def _field(claim: Claim) -> set[str]:
    """What a claim says in its fields, as the table writes it."""
    said = {claim.effect, claim.subject, claim.alert_type, claim.target, "-"}
    said.add(str(claim.outage_type) if claim.outage_type else None)
    said.update(claim.weapons.items if claim.weapons is not None else ())
    harm = claim.casualties
    if harm is not None:
        said.update(str(s) for s in (harm.status, harm.killed, harm.injured))
    said.update(str(c.best) for c in (claim.count, claim.customers) if c is not None)
    return {s for s in said if s is not None}


@pytest.mark.parametrize(("kind", "field", "text"), _rows(TOLD))
def test_what_is_told(read: Read, kind: str, field: str, text: str) -> None:
    claims = [c for c in read(text, at=AT, channel=CHANNEL) if c.kind == ClaimKind(kind)]
    assert any(field in _field(c) and not c.is_negated for c in claims)


@pytest.mark.parametrize(("kind", "text"), _rows(NOT_TOLD))
def test_what_is_said_not_to_be(read: Read, kind: str, text: str) -> None:
    claims = [c for c in read(text, at=AT, channel=CHANNEL) if c.kind == ClaimKind(kind)]
    assert claims
    assert all(c.is_negated for c in claims)


@pytest.mark.parametrize("text", [row[0] for row in _rows(NOTHING)])
def test_what_tells_of_nothing(read: Read, text: str) -> None:
    assert not read(text, at=AT, channel=CHANNEL)


@pytest.mark.parametrize(("role", "text"), _rows(SAID_BY))
def test_who_says_it(read: Read, role: str, text: str) -> None:
    claims = read(text, at=AT, channel=CHANNEL)
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

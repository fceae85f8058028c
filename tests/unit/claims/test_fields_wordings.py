"""Fields of claims, in words of their own: what is read of each."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.unit.claims.conftest import Read

from lightkeeper.claims import Claim, ClaimKind
from lightkeeper.claims.neutral import neutral_claim
from lightkeeper.region.gazetteer import Gazetteer

AT = "2026-01-21T12:30+02:00"
KYIV = ZoneInfo("Europe/Kyiv")


HARMED = [
    ("У Лубнах двоє загиблих, п'ятеро поранених.", "killed", 2),
    ("У Лубнах один загиблий і семеро поранених.", "injured", 7),
    ("У Лубнах поранено листоношу.", "injured", 1),
    ("У Лубнах осколкове поранення дістала вчителька.", "injured", 1),
    ("У Лубнах загинув 50-річний тракторист.", "killed", 1),
    ("У Лубнах вбито двох працівників котельні.", "killed", 2),
    ("Кількість поранених у Лубнах зросла до дев'ятьох.", "injured", 9),
    ("У Лубнах постраждали мати й син.", "injured", 2),
    ("У Лубнах госпіталізовано чотирьох осіб.", "injured", 4),
    ("У Лубнах щонайменше шестеро травмованих.", "injured", 6),
    ("З-під завалів у Лубнах дістали тіла трьох людей.", "killed", 3),
    ("У Лубнах двоє людей зникли безвісти.", "missing", 2),
    ("В Лубнах ранен машинист.", "injured", 1),
    ("В Лубнах погибли двое, ранены пятеро.", "killed", 2),
    ("В Лубнах госпитализирована продавщица.", "injured", 1),
    ("В Лубнах пострадали трое рабочих.", "injured", 3),
    ("В Лубнах погиб мужчина, ещё шестеро ранены.", "injured", 6),
    ("Из-под завалов в Лубнах извлекли тело женщины.", "killed", 1),
    ("В Лубнах убиты двое сотрудников станции.", "killed", 2),
    ("Число раненых в Лубнах выросло до одиннадцати.", "injured", 11),
    ("В Лубнах ранения получили десять человек.", "injured", 10),
    ("В Лубнах пропали без вести четверо.", "missing", 4),
    ("In Lubny one person was killed and six were wounded.", "killed", 1),
    ("In Lubny a conductor was wounded.", "injured", 1),
    ("In Lubny seven are hurt, two of them children.", "injured", 7),
    ("Rescuers in Lubny recovered the bodies of two men.", "killed", 2),
    ("The number of wounded in Lubny has risen to twelve.", "injured", 12),
    ("Three workers are in hospital in Lubny.", "injured", 3),
    ("Two people are missing in Lubny.", "missing", 2),
    ("At least four residents of Lubny were injured.", "injured", 4),
    ("У Лубнах після обстрілу помер поранений пенсіонер.", "killed", 1),
    ("Четверо мешканців Лубен отримали контузії.", "injured", 4),
    ("У Лубнах загинуло подружжя, їхнього сина поранено.", "killed", 2),
    ("Медики Лубен надають допомогу вісьмом пораненим.", "injured", 8),
    ("У Лубнах троє загиблих, двоє з них — діти.", "killed", 3),
    ("Двоє рятувальників у Лубнах зазнали опіків.", "injured", 2),
    ("У Лубнах уламком поранило хлопчика.", "injured", 1),
    ("В Лубнах медики помогают шестерым раненым.", "injured", 6),
    ("В Лубнах двое спасателей получили ожоги.", "injured", 2),
    ("В больнице Лубен скончался раненый водитель.", "killed", 1),
    ("В Лубнах среди раненых — два подростка, всего пострадали семеро.", "injured", 7),
    ("В Лубнах осколком ранило школьника.", "injured", 1),
    ("A woman died and her neighbour was hurt in Lubny.", "killed", 1),
    ("In Lubny a teenager was wounded by shrapnel.", "injured", 1),
    ("Doctors in Lubny are treating eight wounded people.", "injured", 8),
    ("An elderly couple was killed in Lubny.", "killed", 2),
    ("Two rescuers suffered burns in Lubny.", "injured", 2),
    ("The death toll in Lubny has climbed to five.", "killed", 5),
]
"""Text, who was harmed, how many."""

TARGETS = [
    ("У Лубнах пошкоджено тягову підстанцію.", "substation"),
    ("У Лубнах уламками посічено опору лінії.", "power_line"),
    ("У Лубнах дрон влучив у гуртожиток.", "residential"),
    ("У Лубнах снаряд влучив у машину аварійників.", "vehicles"),
    ("У Лубнах пробито тепломагістраль.", "heat_facility"),
    ("У Лубнах понівечено ліцей і дитсадок.", "education"),
    ("У Лубнах згоріла трансформаторна.", "transformer"),
    ("У Лубнах пошкоджено розподільчий пункт.", "substation"),
    ("У Лубнах пошкоджено ТЕЦ.", "chp_plant"),
    ("У Лубнах є влучання в сонячну електростанцію.", "power_plant"),
    ("У Лубнах перебито газову трубу.", "gas_pipeline"),
    ("У Лубнах пошкоджено об'єкт розподілу електроенергії.", "energy_facility"),
    ("У Лубнах вибито шибки у висотці.", "residential"),
    ("В Лубнах повреждена высотка.", "residential"),
    ("В Лубнах дрон попал в общежитие.", "residential"),
    ("В Лубнах сгорел рейсовый автобус.", "vehicles"),
    ("В Лубнах оборван кабель.", "power_line"),
    ("В Лубнах повреждены провода и опоры.", "power_line"),
    ("В Лубнах повреждена теплосеть.", "heat_facility"),
    ("В Лубнах разрушен лицей.", "education"),
    ("В Лубнах повреждён объект генерации.", "energy_facility"),
    ("В Лубнах повреждена плотина.", "dam"),
    ("In Lubny debris hit a dormitory.", "residential"),
    ("A drone damaged a switchyard in Lubny.", "substation"),
    ("In Lubny a bus was damaged.", "vehicles"),
    ("Two pylons were damaged in Lubny.", "power_line"),
    ("A heating main was damaged in Lubny.", "heat_facility"),
    ("A college was damaged in Lubny.", "education"),
    ("A solar farm was damaged in Lubny.", "power_plant"),
    ("An ambulance was damaged in Lubny.", "vehicles"),
    ("A gas main was damaged in Lubny.", "gas_pipeline"),
    ("У Лубнах зачепило розподільчу підстанцію та дах школи.", "substation"),
    ("Уламки впали на приватний сектор Лубен, горять дві хати.", "residential"),
    ("У Лубнах ракета влучила у дев'ятиповерхівку.", "residential"),
    ("У Лубнах перебито кабель.", "power_line"),
    ("У Лубнах дрон поцілив у котельню.", "heat_facility"),
    ("У Лубнах згоріла швидка.", "vehicles"),
    ("У Лубнах пошкоджено шлюзи.", "dam"),
    ("У Лубнах пошкоджено енергоблок.", "power_plant"),
    ("В Лубнах горит трансформатор.", "transformer"),
    ("В Лубнах беспилотник попал в девятиэтажку.", "residential"),
    ("В Лубнах повреждён газопровод.", "gas_pipeline"),
    ("В Лубнах горит распределительное устройство подстанции.", "substation"),
    ("В Лубнах повреждена электростанция.", "power_plant"),
    ("В Лубнах осколки повредили автобус и школу.", "vehicles"),
    ("A missile hit an apartment block in Lubny.", "residential"),
    ("A drone crashed into a boiler house in Lubny.", "heat_facility"),
    ("In Lubny a transformer is on fire.", "transformer"),
    ("Debris damaged a kindergarten in Lubny.", "education"),
    ("The dam in Lubny was damaged.", "dam"),
    ("An energy facility in Lubny was hit.", "energy_facility"),
]
"""Text, what was damaged."""

WEAPONS = [
    ("Лубни атакували мопедами.", "strike", "shahed_uav"),
    ("По Лубнах ударили з РСЗВ.", "strike", "mlrs"),
    ("По Лубнах гатили з гаубиць.", "strike", "artillery"),
    ("На Лубни скинули плануючі бомби.", "strike", "KAB"),
    ("На Лубни скинули ФАБ-500.", "strike", "FAB"),
    ("По Лубнах випустили дві Х-59.", "strike", "cruise_missile"),
    ("Лубни під балістикою: три влучання.", "strike", "ballistic_missile"),
    ("По Лубнах били з артилерії та мінометів.", "strike", "artillery mortar"),
    ("Дрон залетів у двір у Лубнах, пошкоджено авто.", "damage", "uav"),
    ("Лубны обстреляли из РСЗО.", "strike", "mlrs"),
    ("По Лубнам ударили баллистикой, повреждён цех.", "damage", "ballistic_missile"),
    ("Лубны бомбили дважды.", "strike", "aerial_bomb"),
    ("Лубны атаковали мопеды.", "strike", "shahed_uav"),
    ("По Лубнам отработала арта.", "strike", "artillery"),
    ("По Лубнам выпустили Х-101.", "strike", "cruise_missile"),
    ("Обломки «Шахеда» повредили крышу и подожгли гараж в Лубнах.", "damage", "shahed_uav"),
    ("Lubny was attacked with mortars.", "strike", "mortar"),
    ("Glide bombs fell on Lubny: four impacts.", "strike", "KAB"),
    ("An FPV drone struck Lubny.", "strike", "fpv_drone"),
    ("Lubny was shelled from Grads.", "strike", "mlrs"),
    ("Drones attacked Lubny, damaging a school.", "damage", "uav"),
    ("Kh-101 missiles struck Lubny.", "strike", "cruise_missile"),
    ("Artillery and mortars were used against Lubny.", "strike", "artillery mortar"),
    ("Лубни: загроза застосування балістики.", "alert", "ballistic_missile"),
    ("Росіяни вдарили по Лубнах «Іскандерами» та дронами.", "strike", "ballistic_missile uav"),
    ("Чотири «Герані» влучили в Лубни.", "strike", "shahed_uav"),
    ("Ракета Х-101 влетіла у будинок у Лубнах.", "damage", "cruise_missile"),
    ("По Лубнах ударили двома ракетами С-300.", "strike", "ballistic_missile"),
    ("Лубни атакували FPV-дронами.", "strike", "fpv_drone"),
    ("По Лубнам выпустили «Искандер».", "strike", "ballistic_missile"),
    ("Лубны атаковали двадцать беспилотников.", "strike", "uav"),
    ("В Лубнах снаряд попал в школу.", "damage", "artillery"),
    ("На Лубны сбросили управляемые авиабомбы.", "strike", "KAB"),
    ("Lubny was hit by two ballistic missiles.", "strike", "ballistic_missile"),
    ("Twenty drones attacked Lubny.", "strike", "uav"),
    ("Guided aerial bombs were dropped on Lubny.", "strike", "KAB"),
    ("A cruise missile damaged a plant in Lubny.", "damage", "cruise_missile"),
]
"""Text, kind of claim, weapons."""

COUNTS = [
    ("У Лубнах пошкоджено близько двадцяти осель.", "damage", None, 20, None, "buildings"),
    ("У Лубнах зруйновано багатоповерхівку.", "damage", 1, 1, 1, "buildings"),
    ("У Лубнах пошкоджено будинок, ще п'ять зачепило.", "damage", 1, 1, 1, "buildings"),
    ("У Лубнах пошкоджено щонайменше вісім авто.", "damage", 8, None, None, "vehicles"),
    ("Під вогнем були 14 населених пунктів Полтавщини.", "strike", 14, 14, 14, "settlements"),
    ("На Лубни скинули КАБи, попередньо три.", "strike", 3, 3, 3, "weapons"),
    ("У Лубнах від п'яти до семи вибухів.", "explosions", 5, None, 7, "explosions"),
    ("У Лубнах гримнуло тричі.", "explosions", 3, 3, 3, "explosions"),
    ("Без тепла в Лубнах приблизно у 40 будинках.", "services", None, 40, None, "buildings"),
    ("У Лубнах без світла шістнадцятеро сіл.", "outage", 16, 16, 16, "settlements"),
    ("У Лубнах понівечено десяток хат.", "damage", None, 10, None, "buildings"),
    ("В Лубнах разрушен дом, ещё не менее шести повреждены.", "damage", 1, 1, 1, "buildings"),
    ("В Лубнах повреждено порядка тридцати дач.", "damage", None, 30, None, "buildings"),
    ("В Лубнах до восьми взрывов.", "explosions", None, None, 8, "explosions"),
    ("По Лубнам выпустили «Калибры», четыре штуки.", "strike", 4, 4, 4, "weapons"),
    ("В Лубнах повреждены девять машин.", "damage", 9, 9, 9, "vehicles"),
    ("Без отопления в Лубнах семьдесят домов.", "services", 70, 70, 70, "buildings"),
    ("Обесточены 12 деревень возле Лубен.", "outage", 12, 12, 12, "settlements"),
    ("Guided bombs fell on Lubny: three impacts.", "strike", 3, 3, 3, "strikes"),
    ("Some forty homes were damaged in Lubny.", "damage", None, 40, None, "buildings"),
    ("A house was destroyed in Lubny.", "damage", 1, 1, 1, "buildings"),
    ("Lubny was struck at six locations.", "strike", 6, 6, 6, "locations"),
    ("At least three explosions were heard in Lubny.", "explosions", 3, None, None, "explosions"),
    ("In Lubny 17 villages have no power.", "outage", 17, 17, 17, "settlements"),
    ("Up to 25 buildings in Lubny have no heating.", "services", None, None, 25, "buildings"),
    ("Лубни пережили одинадцять обстрілів.", "strike", 11, 11, 11, "strikes"),
    ("По Лубнах випустили понад тридцять дронів.", "strike", 30, None, None, "weapons"),
    ("У Лубнах вибито вікна в дев'ятьох будинках.", "damage", 9, 9, 9, "buildings"),
    ("У Лубнах згоріло чотири авто.", "damage", 4, 4, 4, "vehicles"),
    ("У Лубнах пошкоджено дві лінії.", "damage", 2, 2, 2, "lines"),
    ("У Лубнах кілька вибухів.", "explosions", 2, None, None, "explosions"),
    ("У Лубнах потужний вибух.", "explosions", 1, 1, 1, "explosions"),
    ("Лубни: шість-сім вибухів.", "explosions", 6, None, 7, "explosions"),
    ("По Лубнам нанесли пять ударов.", "strike", 5, 5, 5, "strikes"),
    ("По Лубнам выпустили более сорока дронов.", "strike", 40, None, None, "weapons"),
    ("В Лубнах выбиты окна в восьми домах.", "damage", 8, 8, 8, "buildings"),
    ("В Лубнах слышали не менее трёх взрывов.", "explosions", 3, None, None, "explosions"),
    ("В Лубнах прогремело несколько взрывов.", "explosions", 2, None, None, "explosions"),
    ("Over thirty drones attacked Lubny.", "strike", 30, None, None, "weapons"),
    ("Lubny was shelled eleven times.", "strike", 11, 11, 11, "strikes"),
    ("Windows were broken in nine buildings in Lubny.", "damage", 9, 9, 9, "buildings"),
    ("A powerful explosion was heard in Lubny.", "explosions", 1, 1, 1, "explosions"),
    ("Several explosions rocked Lubny.", "explosions", 2, None, None, "explosions"),
    ("Four cars burned out in Lubny.", "damage", 4, 4, 4, "vehicles"),
]
"""Text, kind of claim, least, best, most, unit."""

CUSTOMERS = [
    ("У Лубнах знеструмлено 3,4 тис. точок обліку.", "outage", 3400, 3400, 3400, "customers"),
    ("Без світла в Лубнах понад дві тисячі помешкань.", "outage", 2000, None, None, "households"),
    ("У Лубнах 18 тисяч мешканців без тепла.", "services", 18000, 18000, 18000, "people"),
    (
        "Without power in Lubny: some 5,000 metering points.",
        "outage",
        None,
        5000,
        None,
        "customers",
    ),
    (
        "Around 9,000 families in Lubny have no electricity.",
        "outage",
        None,
        9000,
        None,
        "households",
    ),
    (
        "At least 30,000 residents of Lubny are without heating.",
        "services",
        30000,
        None,
        None,
        "people",
    ),
    ("В Лубнах обесточены 6 400 абонентов.", "outage", 6400, 6400, 6400, "customers"),
    ("Без света в Лубнах до 800 дворов.", "outage", None, None, 800, "households"),
    ("В Лубнах без отопления 12 тысяч жителей.", "services", 12000, 12000, 12000, "people"),
    (
        "Пів сотні абонентів? Ні: 5,6 тисячі клієнтів у Лубнах без світла.",
        "outage",
        5600,
        5600,
        5600,
        "customers",
    ),
    ("Без електрики в Лубнах лишаються 1 250 родин.", "outage", 1250, 1250, 1250, "households"),
    ("Заживлено 9 тисяч споживачів Лубен.", "restored", 9000, 9000, 9000, "customers"),
    (
        "Світло в Лубнах повернули 4,5 тис. домогосподарств.",
        "restored",
        4500,
        4500,
        4500,
        "households",
    ),
    ("В Лубнах обесточено порядка 3 тыс. потребителей.", "outage", None, 3000, None, "customers"),
    ("В Лубнах свет вернули 7 тысячам семей.", "restored", 7000, 7000, 7000, "households"),
    ("В Лубнах без света более 15 тысяч клиентов.", "outage", 15000, None, None, "customers"),
    ("Nearly 8,000 customers in Lubny lost power.", "outage", None, 8000, None, "customers"),
    (
        "Power was restored to 6,500 households in Lubny.",
        "restored",
        6500,
        6500,
        6500,
        "households",
    ),
    (
        "More than 12,000 subscribers in Lubny are cut off.",
        "outage",
        12000,
        None,
        None,
        "customers",
    ),
]
"""Text, kind of claim, least, best, most, unit."""

TIMES = [
    ("Близько п'ятої ранку Лубни обстріляли.", "strike", "21 04:30", "21 05:30"),
    ("Опівдні Лубни обстріляли.", "strike", "21 11:30", "21 12:30"),
    ("Полтавщина, підсумки ночі. У Лубнах пошкоджено лінію.", "damage", "20 22:00", "21 06:00"),
    ("З дев'ятої ранку Лубни під обстрілом.", "strike", "21 09:00", "21 12:30"),
    ("За добу Лубни обстріляли шість разів.", "strike", "20 12:30", "21 12:30"),
    ("Пів години тому в Лубнах бахнуло.", "explosions", "21 11:30", "21 12:30"),
    ("У Лубнах автобуси сьогодні не курсують.", "services", "21 12:30", "21 12:30"),
    ("Лубни з ночі без світла.", "outage", "21 12:30", "21 12:30"),
    ("Станом на 11:00 у лікарнях Лубен семеро поранених.", "casualties", "21 11:00", "21 11:00"),
    ("Світло в Лубнах повернуть не раніше п'ятниці.", "forecast", "23 00:00", None),
    ("Лубни знову зі світлом.", "restored", "21 12:30", "21 12:30"),
    ("Нічна атака залишила Лубни без світла.", "outage", "21 12:30", "21 12:30"),
    ("За минувшие сутки Лубны обстреляли семь раз.", "strike", "20 12:30", "21 12:30"),
    ("Около трёх часов ночи Лубны атаковали дроны.", "strike", "21 02:30", "21 03:30"),
    ("В полдень Лубны обстреляли.", "strike", "21 11:30", "21 12:30"),
    ("С понедельника Лубны обстреляли девять раз.", "strike", "19 00:00", "21 12:30"),
    ("Утренний обстрел Лубен: удар по депо.", "strike", "21 06:00", "21 11:00"),
    ("Свет в Лубнах дадут не раньше субботы.", "forecast", "24 00:00", None),
    ("С ночи Лубны сидят без света.", "outage", "21 12:30", "21 12:30"),
    ("Since Monday Lubny has been struck five times.", "strike", "19 00:00", "21 12:30"),
    ("At noon drones hit Lubny.", "strike", "21 11:30", "21 12:30"),
    ("Shortly after 10 a.m. drones struck Lubny.", "strike", "21 09:30", "21 10:30"),
    ("At five in the morning a missile hit Lubny.", "strike", "21 05:00", "21 05:00"),
    ("Over the past day Lubny was shelled six times.", "strike", "20 12:30", "21 12:30"),
    ("Hourly outages in Lubny from 6 a.m. to 10 a.m.", "schedule", "21 06:00", "21 10:00"),
    ("Buses in Lubny are not running today.", "services", "21 12:30", "21 12:30"),
    ("Lubny has been without power since last night.", "outage", "21 12:30", "21 12:30"),
    ("О 07:15 Лубни обстріляли.", "strike", "21 07:15", "21 07:15"),
    ("Учора ввечері Лубни атакували дрони.", "strike", "20 18:00", "21 00:00"),
    ("У ніч на 21 січня Лубни атакували дрони.", "strike", "20 22:00", "21 06:00"),
    ("18 січня Лубни обстріляли.", "strike", "18 00:00", "18 23:59"),
    ("Світло в Лубнах повернуть до вечора.", "forecast", None, "21 18:00"),
    ("Годину тому в Лубнах бахнуло.", "explosions", "21 11:00", "21 12:00"),
    ("Щойно в Лубнах пролунав вибух.", "explosions", "21 12:00", "21 12:30"),
    ("Станом на 10:30 заживлено 2 тисячі клієнтів Лубен.", "restored", None, "21 10:30"),
    ("Лубни без світла станом на 12:00.", "outage", "21 12:00", "21 12:00"),
    ("Вчера вечером Лубны атаковали дроны.", "strike", "20 18:00", "21 00:00"),
    ("Полчаса назад в Лубнах прогремел взрыв.", "explosions", "21 11:30", "21 12:30"),
    ("В ночь на 21 января Лубны атаковали дроны.", "strike", "20 22:00", "21 06:00"),
    ("По состоянию на 11:00 в Лубнах 3 раненых.", "casualties", "21 11:00", "21 11:00"),
    ("К 9 утра в Лубнах запитали 2 тысячи абонентов.", "restored", None, "21 09:00"),
    ("Свет в Лубнах вернут до вечера.", "forecast", None, "21 18:00"),
    ("Yesterday evening drones attacked Lubny.", "strike", "20 18:00", "21 00:00"),
    ("An hour ago an explosion was heard in Lubny.", "explosions", "21 11:00", "21 12:00"),
    ("As of 11:00 Lubny has no power.", "outage", "21 11:00", "21 11:00"),
    ("Power in Lubny will be back by 18:00.", "forecast", None, "21 18:00"),
    ("On 18 January drones struck Lubny.", "strike", "18 00:00", "18 23:59"),
    ("Drones struck Lubny overnight.", "strike", "20 22:00", "21 06:00"),
    ("Power was restored in Lubny at 11:40.", "restored", "21 11:40", "21 11:40"),
]
"""Text, kind of claim, from, to: day and time in Kyiv."""

SPEAKERS = [
    ("У Лубнах пошкоджено підстанцію, переповідають містяни.", "damage", "local_residents"),
    ("Лубни без світла, інформують в обленерго.", "outage", "dso"),
    ("У Лубнах загинув сторож. Такі дані навела поліція.", "casualties", "government"),
    (
        "У Лубнах двоє поранених. Нові цифри оприлюднила обласна адміністрація.",
        "casualties",
        "oblast_administration",
    ),
    ("За словами мешканців, у Лубнах немає води.", "services", "local_residents"),
    ("У Лубнах пошкоджено школу, пише міський голова.", "damage", "mayor"),
    ("У вайбер-групах пишуть, що в Лубнах немає світла.", "outage", "social_media"),
    ("Лубни знеструмлено, відзвітували мережники обленерго.", "outage", "dso"),
    (
        "Начальник Лубенської РВА: у Лубнах пошкоджено школу.",
        "damage",
        "head_of_raion_administration",
    ),
    ("В Лубнах повреждена школа, проинформировал городской голова.", "damage", "mayor"),
    ("Лубны без света, отчитались энергетики облэнерго.", "outage", "dso"),
    ("В Лубнах ранены двое. Эти данные обнародовала ОВА.", "casualties", "oblast_administration"),
    ("В Лубнах повреждена линия — такие цифры приводит облэнерго.", "damage", "dso"),
    ("В Лубнах нет воды, говорят горожане.", "services", "local_residents"),
    ("В Лубнах ранен сторож, признал мэр.", "casualties", "mayor"),
    ("A school was damaged in Lubny, the mayor wrote.", "damage", "mayor"),
    ("Lubny has no power, the grid company reports.", "outage", "dso"),
    ("Two people were hurt in Lubny, city officials said.", "casualties", "city_administration"),
    ("According to residents, Lubny has no water.", "services", "local_residents"),
    (
        "The head of the Lubny district administration said two people were wounded in Lubny.",
        "casualties",
        "head_of_raion_administration",
    ),
    ("Three people were hurt in Lubny, rescuers announced.", "casualties", "emergency_service"),
    ("У Лубнах пошкоджено школу, розповіли очевидці.", "damage", "local_residents"),
    ("У Лубнах двоє поранених, повідомили в поліції.", "casualties", "government"),
    ("За даними ДСНС, у Лубнах загинув сторож.", "casualties", "emergency_service"),
    ("У міськраді Лубен кажуть, що в місті немає води.", "services", "city_administration"),
    ("«У Лубнах пошкоджено тепломережу міста», — каже мер.", "damage", "mayor"),
    ("Укренерго: у Лубнах аварійні відключення.", "outage", "tso"),
    ("Водоканал повідомив, що в Лубнах немає води.", "services", "utility"),
    ("У Лубнах поранено двох людей (за даними ОВА).", "casualties", "oblast_administration"),
    ("В Лубнах повреждена школа, пишут местные паблики.", "damage", "social_media"),
    ("По данным ГСЧС, в Лубнах погиб сторож.", "casualties", "emergency_service"),
    ("Мэр Лубен заявил, что в городе нет воды.", "services", "mayor"),
    ("Укрэнерго: в Лубнах аварийные отключения.", "outage", "tso"),
    (
        "«В Лубнах повреждены две котельные», — уточнил глава ОВА.",
        "damage",
        "oblast_administration",
    ),
    ("Источники говорят, что в Лубнах повреждена подстанция.", "damage", "unnamed"),
    ("Police said two people were hurt in Lubny.", "casualties", "government"),
    ("The water utility said Lubny has no water.", "services", "utility"),
    (
        "According to the State Emergency Service, a guard was killed in Lubny.",
        "casualties",
        "emergency_service",
    ),
    ("Governor: two people were wounded in Lubny.", "casualties", "oblast_administration"),
    ("Sources say a substation in Lubny was damaged.", "damage", "unnamed"),
]
"""Text, kind of claim, who says it."""

TYPES = [
    ("Лубни без світла: пошкоджено лінію.", "damage"),
    ("У Лубнах знеструмлено 2 тис. абонентів. Причина — нічний авіаудар.", "damage"),
    ("Крижаний дощ. У Лубнах знеструмлено 12 сіл.", "weather"),
    ("У Лубнах знеструмлено 12 сіл. Дерева попадали на дроти.", "weather"),
    ("Через налипання снігу Лубни без світла.", "weather"),
    ("Після прильотів Лубни без світла.", "damage"),
    ("Лубни без світла: згорів трансформатор, технічна несправність.", "technical"),
    ("Вследствие авиаудара Лубны без света.", "damage"),
    ("Лубны без света: повреждена подстанция.", "damage"),
    ("Ледяной дождь обесточил Лубны.", "weather"),
    ("Lubny has no power: a line was damaged.", "damage"),
    ("Freezing rain left Lubny without power.", "weather"),
    ("Lubny is without power. The cause is a cable fault.", "technical"),
    ("Lubny lost power after drones hit a substation.", "damage"),
    ("Лубни знеструмлено через сильний вітер.", "weather"),
    ("У Лубнах планові роботи: світла не буде з 9:00 до 15:00.", "planned_works"),
    ("У Лубнах аварійні відключення.", "emergency"),
    ("Унаслідок ворожої атаки Лубни знеструмлені.", "damage"),
    ("Ворог пошкодив підстанцію. Лубни без світла.", "damage"),
    ("Из-за гололёда Лубны без света.", "weather"),
    ("В Лубнах аварийные отключения.", "emergency"),
    ("После ракетного удара Лубны без света.", "damage"),
    ("Лубны без света из-за аварии на подстанции.", "technical"),
    ("Emergency shutdowns are in force in Lubny.", "emergency"),
    ("Strong winds left Lubny without power.", "weather"),
    ("Following a missile attack Lubny is without power.", "damage"),
    ("A technical fault left Lubny without power.", "technical"),
]
"""Text, why it is dark."""

EFFECTS = [
    ("Лубни знову зі світлом.", "restored", "full"),
    ("У Лубнах заживлено лікарню.", "restored", "partial"),
    ("Lubny has power again.", "restored", "full"),
    ("В Лубны свет вернулся.", "restored", "full"),
    ("Пів Лубен занурилося в темряву.", "outage", "partial"),
    ("Лубни знеструмлено на сто відсотків.", "outage", "total"),
    ("Кілька дворів у Лубнах без світла.", "outage", "partial"),
    ("Лубны обесточены наполовину.", "outage", "partial"),
    ("Частина Лубен без світла.", "outage", "partial"),
    ("Лубни повністю знеструмлено.", "outage", "total"),
    ("Третина Лубен без світла.", "outage", "partial"),
    ("У Лубнах згоріла хата вщент.", "damage", "destroyed"),
    ("В Лубнах потушили пожар на подстанции.", "damage", "fire_out"),
    ("Part of Lubny is without power.", "outage", "partial"),
    ("All of Lubny is without power.", "outage", "total"),
    ("Firefighters put out the fire at a substation in Lubny.", "damage", "fire_out"),
]
"""Text, kind of claim, how far."""

SURENESS = [
    ("У Лубнах приліт, ймовірно «Іскандером».", "strike", "observed"),
    ("Попередньо, у Лубнах пошкоджено лінію.", "damage", "preliminary"),
    ("Lubny was struck by what appears to be a missile.", "strike", "observed"),
    ("Local chats report a strike on Lubny.", "strike", "unknown"),
    ("По Лубнам нанесли удар, вероятно, баллистикой.", "strike", "observed"),
    ("Ймовірно, дрон влучив у лінію в Лубнах.", "damage", "likely"),
    ("За попередньою інформацією, у Лубнах двоє поранених.", "casualties", "preliminary"),
    ("Можливо, у Лубнах пошкоджено підстанцію.", "damage", "possible"),
    ("Предварительно, в Лубнах ранены двое.", "casualties", "preliminary"),
    ("Вероятно, в Лубнах повреждена подстанция.", "damage", "likely"),
    ("Якобы в Лубнах повреждена подстанция.", "damage", "unknown"),
    ("A drone probably hit a line in Lubny.", "damage", "likely"),
    ("Preliminarily, two people were hurt in Lubny.", "casualties", "preliminary"),
    ("A substation in Lubny was allegedly damaged.", "damage", "unknown"),
    ("Since October Lubny has been struck 60 times.", "strike", "context"),
    ("Від початку зими Лубни обстріляли 70 разів.", "strike", "context"),
    ("С начала года по Лубнам нанесли 80 ударов.", "strike", "context"),
    ("Два роки тому ракета влучила в школу в Лубнах.", "damage", "context"),
    ("Last year Lubny was struck 40 times.", "strike", "context"),
    ("В прошлом году по Лубнам ударили 40 раз.", "strike", "context"),
]
"""Text, kind of claim, its certainty or its layer."""


def told(claims: list[Claim], kind: str) -> list[Claim]:
    return [c for c in claims if c.kind is ClaimKind(kind)]


@pytest.mark.parametrize(("text", "harm", "number"), HARMED)
def test_how_many_were_harmed(read: Read, text: str, harm: str, number: int) -> None:
    claims = told(read(text, at=AT), "casualties")
    assert number in {getattr(c.casualties, harm) for c in claims}


@pytest.mark.parametrize(("text", "target"), TARGETS)
def test_what_was_damaged(read: Read, text: str, target: str) -> None:
    assert target in {c.target for c in told(read(text, at=AT), "damage")}


@pytest.mark.parametrize(("text", "kind", "items"), WEAPONS)
def test_with_what(read: Read, text: str, kind: str, items: str) -> None:
    weapons = [set(c.weapons.items) for c in told(read(text, at=AT), kind) if c.weapons]
    assert set(items.split()) in weapons


@pytest.mark.parametrize(("text", "kind", "least", "best", "most", "unit"), COUNTS)
def test_how_many(
    read: Read, text: str, kind: str, least: int, best: int, most: int, unit: str
) -> None:
    counts = [c.count for c in told(read(text, at=AT), kind) if c.count]
    assert (least, best, most, unit) in [(n.min, n.best, n.max, n.unit) for n in counts]


@pytest.mark.parametrize(("text", "kind", "least", "best", "most", "unit"), CUSTOMERS)
def test_how_many_customers(
    read: Read, text: str, kind: str, least: int, best: int, most: int, unit: str
) -> None:
    counts = [c.customers for c in told(read(text, at=AT), kind) if c.customers]
    assert (least, best, most, unit) in [(n.min, n.best, n.max, n.unit) for n in counts]


@pytest.mark.parametrize(("text", "kind", "first", "last"), TIMES)
def test_when(read: Read, text: str, kind: str, first: str | None, last: str | None) -> None:
    said = [
        tuple(at and at.astimezone(KYIV).strftime("%d %H:%M") for at in (t.from_at, t.to_at))
        for c in told(read(text, at=AT), kind)
        if (t := c.time)
    ]
    assert (first, last) in said


@pytest.mark.parametrize(("text", "kind", "speaker"), SPEAKERS)
def test_who_says_it(read: Read, gazetteer: Gazetteer, text: str, kind: str, speaker: str) -> None:
    claims = told(read(text, at=AT), kind)
    assert speaker in {neutral_claim(c, gazetteer)["attributed_to"] for c in claims}


@pytest.mark.parametrize(("text", "reason"), TYPES)
def test_why_it_is_dark(read: Read, text: str, reason: str) -> None:
    assert reason in {c.outage_type for c in told(read(text, at=AT), "outage")}


@pytest.mark.parametrize(("text", "kind", "effect"), EFFECTS)
def test_how_far(read: Read, text: str, kind: str, effect: str) -> None:
    assert effect in {c.effect for c in told(read(text, at=AT), kind)}


@pytest.mark.parametrize(("text", "kind", "said"), SURENESS)
def test_how_surely_and_of_what_layer(read: Read, text: str, kind: str, said: str) -> None:
    assert any(said in {c.certainty, c.layer} for c in told(read(text, at=AT), kind))

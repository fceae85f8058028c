"""A phrase book of Ukrainian: one short sentence a line, what it tells and the main field of it.

Each was once read otherwise. They are spread over what is told, not over towns or numbers.
"""

CHANNEL = "Лубенська міська військова адміністрація"

TOLD = """
outage   | -         | Споживачі лівобережжя міста не отримують електроенергію з 04:20.
outage   | 5400      | Поза мережею залишаються 5,4 тис. побутових клієнтів.
outage   | -         | Повністю обезструмлено село Вільхівка.
outage   | emergency | Аварійка в усьому місті.
outage   | damage    | Обстріл лишив без світла 3 200 родин у Нікополі.
outage   | -         | Знову мінус світло.
outage   | -         | Масове відключення у Конотопі.
outage   | -         | Через зіткнення дрона з дротами стемніло у двох мікрорайонах.
outage   | -         | Ще не заживлені 900 дворів на околиці.
outage   | -         | Під відключення потрапила частина Оболоні.
outage   | emergency | Вимкнення почалися о 17:10 за командою згори.
outage   | 44000     | Оператор наводить цифру: 44 тисячі родин.
outage   | -         | Світла не має жодна вулиця селища.
restored | full      | Світло знову в усіх домівках Глухова.
restored | full      | Завершили заживлення лівобережжя.
restored | -         | У Лубнах вже є світло.
restored | full      | Світло дали по всьому місту.
restored | cancelled | Погодинні відключення на сьогодні скасували.
services | water_by_schedule | Вода в Лубнах — по годинах: зранку та ввечері.
services | water_by_schedule | Водоканал перейшов на погодинну подачу води.
services | water_reduced     | Напір слабенький, вище третього поверху не доходить.
services | water_off         | У багатоповерхівках крани поки сухі.
services | heat_off          | Теплоносій не подається у будинки по вулиці Миру.
services | heat_off          | Тепло в будинки не надходить.
services | heat_off          | 38 будинків холонуть.
services | hospital_on_generators | Шпиталь перейшов на автономку.
services | transport_off     | Трамвайний рух паралізовано.
services | transport_off     | Тролейбуси тимчасово замінили автобусами.
services | transport_delayed | Поїзд № 115 відстає від розкладу на 1 год 50 хв.
services | education_remote  | Садки сьогодні не відчиняться.
services | mobile_on_batteries | Вишки зв'язку працюють від акумуляторів, вистачить на 4 години.
services | mobile_degraded   | Зв'язку майже немає.
repair   | in_progress | Енергетики кинули на аварію всі сили.
repair   | in_progress | Фахівці перезбирають схему живлення.
repair   | in_progress | Ремонт іде повним ходом.
repair   | waiting_for_permission | Через мінну небезпеку доступ бригад неможливий.
repair   | waiting_for_permission | До Шалигиного дістатися не вдається.
repair   | waiting_for_permission | Військові ще не дали добра на роботи.
repair   | waiting_for_all_clear  | До ремонту візьмуться після відбою.
repair   | waiting_for_all_clear  | Виїдемо на об'єкт після скасування тривоги.
repair   | interrupted | Ремонт довелося зупинити через повторну тривогу.
unknown  | restoration_time | Про терміни відновлення говорити рано.
unknown  | restoration_time | Точних термінів не дамо.
unknown  | restoration_time | Коли ввімкнуть — не скаже ніхто.
unknown  | cause     | Чому зникло світло, розбираємося.
unknown  | cause     | Що спричинило вимкнення, встановлює комісія.
unknown  | customers | Наразі невідомо, скільки споживачів без світла.
unknown  | damage_extent | Про наслідки скажемо згодом.
schedule | scheduled | Погодинки діють з 7 до 23.
schedule | scheduled | Додатково вимикаємо чергу 3.2 з 17:30 до 20:00.
conditions | -9     | За вікном −9.
forecast | -         | На повернення тепла піде щонайменше доба.
forecast | -         | До ранку маємо дати світло всім.
alert    | missile_threat | Балістична небезпека для Полтавщини.
alert    | uav_threat | Розвідник кружляє над Вовчанськом.
casualties | zero    | Усі працівники живі та неушкоджені.
outage   | emergency | У Хмельницькому вимикали тільки за аварійною командою.
outage   | emergency | За вимогою НЕК уведено аварійні графіки у Херсонській області.
outage   | planned_works | Ремонтуємо мережу, тому відключимо Львівську та Стрийську.
restored | partial   | Половину вже перевели на резервну лінію.
restored | partial   | Теплопостачання відновлено у 120 будинках.
restored | -         | Водоканал відновив подачу.
restored | -         | Поїзди знову курсують за розкладом.
restored | full      | Заживлення Конотопа завершено о 14:20.
services | water_reduced     | Вода до верхніх поверхів не доходить, бракує напору.
services | water_by_schedule | Подача води — тричі на добу.
services | transport_off     | Автобуси з парку не випустили.
services | education_remote  | У ліцеях скасовано уроки.
services | mobile_degraded   | Мобільний зв'язок через раз.
repair   | waiting_for_permission | Виїхати на об'єкт зможемо, коли його обстежать сапери.
repair   | waiting_for_permission | Чекаємо, коли стихне.
repair   | waiting_for_permission | Заїхати на підстанцію зможемо після перевірки вибухотехніків.
repair   | waiting_for_all_clear  | Щойно буде відбій — виїдемо.
repair   | interrupted | Гасіння двічі зупиняли через тривогу.
repair   | in_progress | Триває заміна пошкодженого трансформатора.
unknown  | restoration_time | Щодо часу відновлення інформації немає.
unknown  | damage_extent | Наскільки побита мережа, сказати ще не можемо.
casualties | none_reported | Скарг від мешканців щодо травм немає.
"""

NOT_TOLD = """
strike   | Минулося: жодного влучання.
strike   | Обстріли тут ні до чого.
strike   | Прильотів у місті на цю мить не зафіксували.
schedule | Черги зараз не працюють.
schedule | Затверджені на ранок графіки тут не виконуються.
schedule | Погодинні графіки в цих областях призупинено.
outage   | Критична інфраструктура забезпечена живленням.
schedule | Графіки погодинних відключень на цю частину області не поширюються.
"""

NOTHING = """
Ворог намагається залишити українців без світла.
Росіяни готують новий удар по енергетиці.
Тривогу ввімкнули помилково.
"""

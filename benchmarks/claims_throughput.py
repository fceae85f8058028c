"""How many short reports are read in a second of CPU time, after warm-up.

Usage: python benchmarks/claims_throughput.py [--set POSTS.jsonl] [--rounds 10] [--cold REPORT ...]

Without `--set` the posts below are read: the project's own, in three languages. `--set` takes a
set that `lightkeeper evaluate claims` reads. The figure is the best round's, of CPU time of one
process: what else the machine does counts less so. `--cold` also runs `lightkeeper read` on files
as a new process and prints its wall and CPU time.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.claims import extract, read_set
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import Report, make_report

AT = datetime(2026, 1, 10, 4, 10, tzinfo=UTC)
POSTS = (
    (
        "Лубенська міська військова адміністрація",
        "🔴 04:08 Лубенський район — повітряна тривога!",
    ),
    (
        "Лубенська міська військова адміністрація",
        "🟢 05:20 Відбій повітряної тривоги. Бережіть себе.",
    ),
    (
        "Вісті Лубен",
        "У місті пролунало близько п'яти вибухів, повідомив міський голова. Перебувайте в "
        "укриттях. Інформація про постраждалих уточнюється.",
    ),
    (
        "Миргородська громада",
        "Внаслідок нічної атаки пошкоджено підстанцію. Без світла 12,4 тис. абонентів у "
        "Миргороді та шести селах громади. Ремонтні бригади чекають дозволу військових.",
    ),
    (
        "Полтавський оператор мереж",
        "Станом на 07:00 відновлено живлення для 8200 споживачів Миргородського району. "
        "Решті світло повернуть до вечора, якщо дозволить безпекова ситуація.",
    ),
    (
        "Полтавський оператор мереж",
        "Сьогодні з 16:00 до 22:00 застосовуються графіки погодинних відключень, дві черги "
        "одночасно. Просимо споживати ощадливо.",
    ),
    (
        "Новини Полтавщини",
        "За попередніми даними, троє людей поранені, загиблих немає. Пошкоджено вісім "
        "житлових будинків і котельню, сказав начальник обласної військової адміністрації.",
    ),
    (
        "Новости региона",
        "В Кременчуге слышны взрывы. По предварительным данным, работала ПВО. Информации о "
        "погибших нет, без света остаётся часть города.",
    ),
    (
        "Новости региона",
        "Энергетики вернули свет 3,5 тыс. семей в Лубнах. В Миргороде работы продолжаются, "
        "сообщили в областной администрации.",
    ),
    (
        "Local desk",
        "Explosions were heard in Poltava at about 03:40, the regional administration said. "
        "Part of the city has no electricity; there is no information about casualties.",
    ),
    (
        "Local desk",
        "Power was restored to 9,000 customers in Kremenchuk by noon, according to the "
        "distribution operator. Heating in two districts remains off until the boiler house "
        "is repaired.",
    ),
    (
        "Local desk",
        "Two people were wounded when debris of a drone fell on a house in Lubny district, "
        "the emergency service reported. The fire was put out by 05:15.",
    ),
)


def own_posts() -> list[Report]:
    return [
        make_report("own posts", text, channel=channel, published_at=AT, item=str(i))
        for i, (channel, text) in enumerate(POSTS)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, help="posts as JSON Lines, instead of the own ones")
    parser.add_argument("--rounds", type=int, default=10, help="rounds; the best one counts")
    parser.add_argument("--cold", type=Path, nargs="+", help="reports for a command of its own")
    words = parser.parse_args()
    if words.set is None:
        reports = own_posts()
    else:
        lines = words.set.read_text("utf-8").splitlines()
        reports = [item.report for item in read_set(lines, words.set.name)]
    gazetteer = load_gazetteer()
    n_claims = sum(len(extract(report, gazetteer)) for report in reports)
    repeats = max(1, 500 // len(reports))
    best_s = min(round_s(reports, repeats, gazetteer) for _ in range(words.rounds))
    n_chars = sum(len(report.text) for report in reports)
    n_mean = n_chars / len(reports)
    print(f"{len(reports)} reports, {n_mean:.0f} characters each, {n_claims} claims")
    print(f"{len(reports) / best_s:.0f} reports per CPU second; load {os.getloadavg()[0]:.1f}")
    if words.cold:
        wall_s, cpu_s = cold_s(words.cold)
        print(f"a cold command on {len(words.cold)} files: {wall_s:.1f} s, {cpu_s:.1f} s of CPU")
    return 0


def round_s(reports: list[Report], repeats: int, gazetteer: Gazetteer) -> float:
    """CPU seconds to read every report once."""
    started = time.process_time()
    for _ in range(repeats):
        for report in reports:
            extract(report, gazetteer)
    return (time.process_time() - started) / repeats


def cold_s(paths: list[Path]) -> tuple[float, float]:
    """Wall and CPU seconds of a new process that reads the files."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    command = [str(Path(sys.executable).with_name("lightkeeper")), "read", *map(str, paths)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall_s = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, cpu_s


if __name__ == "__main__":
    sys.exit(main())

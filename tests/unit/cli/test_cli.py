"""The command line: output, JSON, exit codes, what bad input does."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from lightkeeper.cli.main import run
from lightkeeper.region import load_demo_region
from lightkeeper.storage import open_store

REPORT = """Explosions in Poltava

About six explosions were heard in the city of Poltava, the regional military administration said.
Part of the city is without electricity. There is no information about casualties so far.
"""


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


class Cli:
    """Runs commands in a folder of its own, on a log of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str, expect: int = 0) -> Done:
        code = run(list(words))
        done = Done(*self.capsys.readouterr())
        assert code == expect, done.stdout + done.stderr
        return done


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIGHTKEEPER_DATABASE", f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setenv("LIGHTKEEPER_N_SCENARIOS", "20")
    monkeypatch.setenv("COLUMNS", "200")
    return Cli(capsys)


def test_help_of_every_command(cli: Cli) -> None:
    text = cli("--help").stdout
    for command in (
        *("ingest", "picture", "simulate", "plan", "notify", "serve", "demo", "synth", "validate"),
    ):
        assert command in text
    assert "lightkeeper" in cli("--version").stdout


def test_the_whole_way_by_commands(cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "post.txt"
    report.write_text(REPORT, encoding="utf-8")
    first = json.loads(cli("ingest", str(report), "--by", "Olena", "--json").stdout)
    assert len(first["new"]) == 1
    again = json.loads(cli("ingest", str(report), "--json").stdout)
    assert (again["new"], again["known"]) == ([], first["new"])

    picture = json.loads(cli("picture", "--json").stdout)
    assert picture["is_exercise"] is True
    assert picture["totals"]["people_off"]["median"] > 0
    text = cli("picture").stdout
    assert "EXERCISE" in text
    assert "Poltava" in text
    assert "no report" in text

    (draft, *_) = json.loads(cli("notify", "--json").stdout)
    cli("notify", draft["id"], "--cap", "out.xml", expect=2)
    cli("notify", draft["id"], "--approve-by", "Olena")
    shown = json.loads(cli("notify", draft["id"], "--json").stdout)
    assert shown[0]["approved_by"] == "Olena"

    plan = json.loads(cli("plan", "repair", "--crews", "2", "--json").stdout)
    assert plan["n_crews"] == 2

    words = ("retract", first["new"][0], "--reason", "wrong", "--by", "Olena", "--json")
    assert json.loads(cli(*words).stdout) == {"report": first["new"][0], "is_retracted": True}
    assert json.loads(cli("picture", "--json").stdout)["incidents"] == []


def test_the_exit_code_reaches_the_shell(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from lightkeeper.cli import main; main()"]
    done = subprocess.run(
        [*words, "validate", "nosuch"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "nosuch" in done.stdout


def test_an_interrupt_has_its_own_exit_code(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lightkeeper.operations.find_problems", interrupt)
    assert "kept" in cli("validate", "case9", expect=130).stderr


def test_a_past_moment_needs_an_offset(cli: Cli) -> None:
    done = cli("picture", "--at", "2026-01-10T04:10", expect=2)
    assert "offset" in done.stderr
    assert "is no time" in cli("picture", "--at", "yesterday", expect=2).stderr
    past = json.loads(cli("picture", "--at", "2026-01-10T04:10Z", "--json").stdout)
    assert past["reports"] == []


def test_files_named_are_read_and_nothing_is_stored(cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "post.txt"
    report.write_text(REPORT, encoding="utf-8")
    picture = json.loads(cli("picture", str(report), "--json").stdout)
    assert len(picture["incidents"]) == 1
    assert picture["totals"] is None
    assert not (tmp_path / "log.sqlite").exists()


def test_an_unreadable_report_does_not_lose_the_others(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "cut.json").write_text('{"name": "channel", "messages": [{"id": 1', "utf-8")
    done = cli("ingest", "good.txt", "empty.txt", "cut.json", "nosuch.txt", "--json", expect=2)
    answer = json.loads(done.stdout)
    assert len(answer["new"]) == 1
    assert len(answer["unreadable"]) == 3
    for name in ("empty.txt", "cut.json", "nosuch.txt"):
        assert name in done.stderr


def test_ingest_says_what_gave_nothing(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "scan.pdf").write_bytes(b"%PDF")
    done = cli("ingest", "reports", expect=2)
    assert "there is no report file in it" in done.stderr
    assert ".html" in done.stderr
    assert (
        'list "gone.csv": there is no such file'
        in cli(*("ingest", "--feeders", "gone.csv"), expect=2).stderr
    )
    (folder / "quiet.txt").write_text("Good morning to everybody.", encoding="utf-8")
    assert "no claim found in quiet.txt" in cli("ingest", "reports").stdout
    (folder / "quiet.txt").write_text("Good evening to everybody.", encoding="utf-8")
    answer = json.loads(cli("ingest", "reports", "--json").stdout)
    assert answer["without_claims"] == answer["new"]
    assert len(answer["new"]) == 1


def test_a_list_in_force_is_held_already(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "off.csv"
    first, second = load_demo_region().feeders.id.tolist()[:2]

    def log() -> int:
        with open_store(tmp_path / "log.sqlite") as store:
            return len(store.events())

    path.write_text(f"feeder,state\n{first},off\n", encoding="utf-8")
    assert "held" not in cli("ingest", "--feeders", "off.csv").stdout
    assert (
        "1 observation(s) from feeders, held already"
        in cli("ingest", "--feeders", "off.csv").stdout
    )
    assert log() == 1
    path.write_text(f"feeder,state\n{first},off\n{second},off\n", encoding="utf-8")
    assert (
        json.loads(cli("ingest", "--feeders", "off.csv", "--json").stdout)["observations_known"]
        == []
    )
    path.write_text(f"feeder,state\n{first},off\n", encoding="utf-8")
    cli("ingest", "--feeders", "off.csv")
    assert log() == 3


def test_simulate_says_what_cannot_trip(cli: Cli) -> None:
    simulation = json.loads(cli("simulate", "case118", "--random", "1", "--json").stdout)
    assert simulation["n_branches"] == simulation["n_branches_without_rating"] == 186
    words = ("simulate", "case118", "--random", "1")
    assert "186 of 186 branches have no rating; they cannot trip" in cli(*words).stdout
    assert "cannot trip" not in cli("simulate", "case9", "--lose", "branch-1").stdout
    assert "186 of 186" in cli(*words, "--trip", "worst-first").stdout
    for more in ((), ("--trip", "worst-first")):
        done = cli(*words, "--lose", "branch-1", *more, expect=2)
        assert "exclude each other" in done.stderr


def test_simulate_says_what_happens_without_any_loss(cli: Cli) -> None:
    simulation = json.loads(cli("simulate", "case4gs", "--lose", "branch-1", "--json").stdout)
    assert simulation["n_trips_before"] == 0
    # Its two units give 318 MW, its loads draw 500.
    assert simulation["unserved_before_mw"] == pytest.approx(182.0)
    shown = cli("simulate", "case4gs", "--lose", "branch-1").stdout
    assert "without any loss 0 branch(es) trip and 182.0 MW are unserved" in shown
    assert "without any loss" not in cli("simulate", "case9", "--lose", "branch-1").stdout


def test_validate_prints_every_problem_and_fails(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "grid"
    folder.mkdir()
    (folder / "network.toml").write_text(
        'name = "broken"\nbase_mva = 100.0\nis_synthetic = true\n', encoding="utf-8"
    )
    (folder / "buses.csv").write_text("id,base_kv\n1,110\n1,110\n2,110\n", encoding="utf-8")
    (folder / "lines.csv").write_text(
        "id,from_bus,to_bus,x_pu,rating_mva\na,1,2,0.1,-5\nb,1,9,nan,10\n", encoding="utf-8"
    )
    done = cli("validate", str(folder), expect=2)
    assert "buses.csv" in done.stdout
    assert "row 2 of lines.csv" in done.stdout
    assert "lines.csv row 3" in done.stdout
    problems = json.loads(cli("validate", str(folder), "--json", expect=2).stdout)
    assert len(problems) >= 3


def test_simulate_names_the_element_it_does_not_know(cli: Cli) -> None:
    done = cli("simulate", "case9", "--lose", "branch-99", expect=2)
    assert "branch-99" in done.stderr
    simulation = json.loads(cli("simulate", "case9", "--lose", "unit-2", "--json").stdout)
    (scenario,) = simulation["scenarios"]
    assert scenario["lost"] == ["unit-2"]
    assert scenario["served_mw"] + scenario["unserved_mw"] == pytest.approx(scenario["demand_mw"])


def test_simulate_tells_step_by_step_and_screens(cli: Cli) -> None:
    options = ("--trip", "timed-relays", "--lose", "branch-1", "--json")
    traced = json.loads(cli("simulate", "case9", *options).stdout)
    (scenario,) = traced["scenarios"]
    assert sum(scenario["lost_mw"].values()) == pytest.approx(scenario["unserved_mw"])
    pairs = ("simulate", "case9", "--screen", "n-2", "--kind", "branch")
    screened = json.loads(cli(*pairs, "--json").stdout)
    assert screened["n_losses"] == 36
    assert screened["is_complete"]
    done = cli("simulate", "case9", "--screen", "n-1", "--trip", "worst-first", expect=2)
    assert "exclude each other" in done.stderr
    cli("simulate", "case9", "--screen", "n-1", "--lose", "branch-1", expect=2)
    cli("simulate", "case9", "--screen", "n-1", "--kind", "unit", expect=2)
    cli("simulate", "case9", "--margin", "--random", "3", expect=2)
    cli("simulate", "case9", "--load-curve", "curve.csv", expect=2)
    cli("simulate", "case9", "--export", "answer.npz", expect=2)


def test_simulate_says_how_near_a_network_is_to_falling_apart(cli: Cli, tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text("hour,load_pu\n03,0.5\n18,1\n", encoding="utf-8")
    options = ("simulate", "case9", "--margin")
    report = json.loads(cli(*options, "--load-curve", str(curve), "--json").stdout)
    assert [h["hour"] for h in report["hours"]] == ["03", "18"]
    assert "margin" in cli(*options, "--lose", "branch-2").stdout
    assert "exclude each other" in cli(*options, "--screen", "n-1", expect=2).stderr
    assert "columns" in cli(*options, "--load-curve", __file__, expect=2).stderr


def test_an_interrupted_screening_goes_on_from_its_checkpoint(cli: Cli, tmp_path: Path) -> None:
    from lightkeeper.cli.edge import stop_on_interrupt

    with stop_on_interrupt() as is_stopped:
        assert not is_stopped()
        signal.raise_signal(signal.SIGINT)
        assert is_stopped()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    file = tmp_path / "screening.npz"
    command = ("simulate", "case9", "--screen", "n-2", "--checkpoint", str(file), "--json")
    whole = json.loads(cli(*command).stdout)
    assert file.exists()
    assert json.loads(cli(*command).stdout) == whole
    file.write_text("a note", encoding="utf-8")
    assert "no checkpoint" in cli(*command, expect=2).stderr


def test_serve_prints_an_address_that_takes_connections(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []

    async def connect(_server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        with socket.create_connection(sockets[0].getsockname()) as connection:
            reached.append(connection.getpeername()[1])

    monkeypatch.setattr(uvicorn.Server, "serve", connect)
    (line,) = cli("serve", "--port", "0", "--json").stdout.splitlines()
    address = json.loads(line)
    assert address["url"] == f"http://127.0.0.1:{reached[0]}/"
    assert address["public"] == address["url"] + "public"


def test_a_wrong_setting_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTKEEPER_HOST", "0.0.0.0")
    assert "host" in cli("picture", expect=2).stderr


def test_a_file_that_is_no_database_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").write_text("my shopping list", encoding="utf-8")
    done = cli("picture", expect=2)
    assert "log.sqlite" in done.stderr
    assert (tmp_path / "log.sqlite").read_text(encoding="utf-8") == "my shopping list"


def test_a_small_synthetic_region_can_be_made_checked_and_used(cli: Cli, tmp_path: Path) -> None:
    summary = json.loads(
        cli(
            "synth", "mine", "--seed", "3", "--buses", "80", "--box", "33,48.5,36,50.5", "--json"
        ).stdout
    )
    assert summary["buses"] > 40
    cli("validate", "mine")
    (tmp_path / "post.txt").write_text(REPORT, encoding="utf-8")
    picture = json.loads(cli("picture", "post.txt", "--region", "mine", "--json").stdout)
    assert picture["is_exercise"] is True

"""Settings: where they come from, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightkeeper.errors import InputError
from lightkeeper.settings import Settings, read_settings, unknown_variables


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fault() -> str:
    with pytest.raises(InputError) as caught:
        read_settings()
    return str(caught.value)


def test_the_environment_beats_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lightkeeper.toml").write_text("crews = 3\nseed = 4\n", encoding="utf-8")
    monkeypatch.setenv("LIGHTKEEPER_CREWS", "5")
    assert (read_settings().crews, read_settings().seed) == (5, 4)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "HOST",
            "0.0.0.0",
            "host: loopback only until there is a sign-in: 127.0.0.1, localhost or ::1",
        ),
        ("CAP_SENDER", "a b", "cap_sender: a text without blanks"),
        ("PORT", "70000", 'port is "70000": give 65535 or less'),
        ("CREWS", "0", 'crews is "0": give 1 or more'),
        ("CREWS", "six", 'crews is "six": give a whole number'),
        ("DISTRICT_WEIGHTS", '{"d": 0}', 'district_weights.d is "0": give a number above 0'),
        ("DISTRICT_WEIGHTS", '{"d": "x"}', 'district_weights.d is "x": give a number'),
        ("DISTRICT_WEIGHTS", "2", "district_weights"),
        ("DISTRICT_WEIGHTS", "{d: 2}", 'district_weights is JSON like {"ID": 2}'),
        ("BUDGET", "much", 'budget is "much": give a number'),
        ("TIME_ZONE", "Kyiv", 'time_zone is "Kyiv": give an IANA time zone like Europe/Kyiv'),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"LIGHTKEEPER_{name}", value)
    assert words in fault()
    assert "pattern" not in fault()


def test_wrong_types_and_names_in_the_file(folder: Path) -> None:
    text = 'crews = 1.5\nport = "x"\nregion = 3\nhost = 5\ncrew = 3\n'
    (folder / "lightkeeper.toml").write_text(text, encoding="utf-8")
    told = fault()
    for words in (
        'crews is "1.5": give a whole number',
        'port is "x": give a whole number',
        'region is "3": give a path',
        'host is "5": give a text',
        'crew: there is no such setting; did you mean "crews"?',
    ):
        assert words in told


@pytest.mark.parametrize(
    ("content", "where"), [(b"crews = 3\nseed = = 4\n", "line 2"), (b"\xff\xfe", "UTF-8")]
)
def test_a_broken_file_is_named_with_its_line(folder: Path, content: bytes, where: str) -> None:
    (folder / "lightkeeper.toml").write_bytes(content)
    assert "lightkeeper.toml" in fault()
    assert where in fault()


def test_variables_that_are_no_settings() -> None:
    (warning,) = unknown_variables(["LIGHTKEEPER_CREW", "lightkeeper_port", "PATH"])
    assert warning.startswith("LIGHTKEEPER_CREW is no setting")
    assert 'did you mean "LIGHTKEEPER_CREWS"?' in warning
    (warning,) = unknown_variables(["LIGHTKEEPER_XYZZY"])
    assert "LIGHTKEEPER_SEED" in warning


def test_every_setting_with_a_pattern_has_words_for_it(folder: Path) -> None:
    text = "".join(
        f'{name} = " "\n'
        for name, field in Settings.model_fields.items()
        if any(getattr(m, "pattern", None) for m in field.metadata)
    )
    (folder / "lightkeeper.toml").write_text(text, encoding="utf-8")
    assert fault().count(";") == text.count("\n") - 1


def test_weights_of_districts_come_from_either_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "lightkeeper.toml").write_text("[district_weights]\nUA1 = 3\n", encoding="utf-8")
    assert read_settings().district_weights == {"UA1": 3.0}
    monkeypatch.setenv("LIGHTKEEPER_DISTRICT_WEIGHTS", '{"UA2": 0.5}')
    assert read_settings().district_weights["UA2"] == 0.5

"""Settings, read once at the edge from ``LIGHTKEEPER_*`` and a TOML file, then passed in."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from lightkeeper.errors import InputError

_PREFIX = "LIGHTKEEPER_"
_FILE = "lightkeeper.toml"
_OF_TESTS = frozenset({"LIGHTKEEPER_REQUIRE_BROWSER"})

_PATTERNS = {
    "host": "loopback only until there is a sign-in: 127.0.0.1, localhost or ::1",
    "language_model_url": "an address like http://127.0.0.1:8080/v1, without user and query",
    "cap_sender": "a text without blanks, commas, < and &",
}
_FAULTS = {
    "greater_than": "give a number above {gt:g}",
    "finite_number": "give a finite number",
    "dict_type": "give district ids with their weights",
    "bool_parsing": "give true or false",
    "greater_than_equal": "give {ge:g} or more",
    "less_than_equal": "give {le:g} or less",
    "int_parsing": "give a whole number",
    "int_type": "give a whole number",
    "int_from_float": "give a whole number",
    "float_parsing": "give a number",
    "float_type": "give a number",
    "string_type": "give a text",
    "string_too_short": "give a text",
    "path_type": "give a path as text",
    "time_zone": "give an IANA time zone like Europe/Kyiv",
}


def default_data_folder() -> Path:
    """Return the folder for the database, after the XDG base directory specification."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "lightkeeper"


class Settings(BaseSettings):
    """Everything a person can set. Environment beats the file ``lightkeeper.toml``."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, toml_file=_FILE, extra="forbid", frozen=True
    )

    database: str = Field(
        default_factory=lambda: f"sqlite:///{default_data_folder() / 'lightkeeper.sqlite'}",
        description="Database URL (SQLAlchemy).",
    )
    region: Path | None = Field(
        default=None,
        description="Folder or zip of the region; none: the synthetic region of the demo.",
    )
    sources: Path | None = Field(
        default=None,
        description="File of the sources to ask for reports (TOML); none: nothing is asked.",
    )
    host: str = Field(
        default="127.0.0.1",
        pattern=r"^(127\.\d+\.\d+\.\d+|localhost|::1)$",
        description="Address to serve on. Loopback only until there is a sign-in.",
    )
    port: int = Field(default=8640, ge=0, le=65535, description="Port to serve on; 0: any free.")
    n_scenarios: int = Field(default=1000, ge=1, description="Damage scenarios in a picture.")
    seed: int = Field(default=1, ge=0, description="Seed of all drawing.")
    n_threads: int = Field(default=2, ge=1, description="Threads of the flow engine.")
    hold_min: int = Field(
        default=30, ge=0, description="Minutes that unplanned state is held back from the public."
    )
    time_zone: str = Field(
        default="Europe/Kyiv",
        description="Whose clock notices and the public page go by: an IANA time zone.",
    )
    crews: int = Field(default=6, ge=1, description="Repair crews.")
    budget: float = Field(
        default=20.0, ge=0, description="Budget for reinforcement, in units of the cost table."
    )
    district_weights: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default_factory=dict,
        description="What a MW shed weighs by id of its district, 1 where absent: "
        'LIGHTKEEPER_DISTRICT_WEIGHTS={"ID": 2}.',
    )
    short_time_ratings: bool = Field(
        default=False,
        description="Let emergency shedding load lines up to their short-time rating.",
    )
    cap_sender: str = Field(
        default="duty-desk@lightkeeper.invalid",
        pattern=r"^[^\s,<&]+$",
        description="Sender of CAP messages.",
    )
    language_model_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Base address of an OpenAI-compatible server, with /v1; none: no language "
        "model. The text of a report that is compared is sent there.",
    )
    language_model: str = Field(
        default="default", min_length=1, description="Name of the model on that server."
    )
    language_model_key: SecretStr | None = Field(
        default=None,
        description="Key for that server; better in the environment than in the file.",
    )
    language_model_timeout_s: float = Field(
        default=60.0, ge=1, le=600, description="Seconds to wait for the whole answer."
    )

    @field_validator("time_zone")
    @classmethod
    def check_time_zone(cls, name: str) -> str:
        """Refuse a zone that the time zone database does not hold."""
        if name not in available_timezones():
            raise PydanticCustomError("time_zone", "not in the time zone database")
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the TOML file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings() -> Settings:
    """Read the settings of this process.

    Raises
    ------
    InputError
        With every setting at fault, in plain words; or the file cannot be read, with the line.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(_fault(e) for e in error.errors())
        raise InputError(f"settings ({_PREFIX}* or {_FILE}): {faults}") from error
    except SettingsError as error:
        raise InputError(
            f'settings ({_PREFIX}*): {error}; district_weights is JSON like {{"ID": 2}}'
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(
            f"{_FILE} cannot be read: {error}; mend it, it is TOML in UTF-8"
        ) from error


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return a warning for each name that looks like a setting and is none."""
    known = [f"{_PREFIX}{name}".upper() for name in Settings.model_fields]
    return [
        f"{name} is no setting and has no effect; {_suggest(name.upper(), known)}"
        for name in sorted(names)
        if name.upper().startswith(_PREFIX) and name.upper() not in {*known, *_OF_TESTS}
    ]


def _fault(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting; {_suggest(name, list(Settings.model_fields))}"
    if kind == "string_pattern_mismatch":
        return f"{name}: {_PATTERNS[name]}"
    words = _FAULTS.get(kind, "see the settings in the reference").format(**error.get("ctx", {}))
    return f'{name} is "{error["input"]}": {words}'


def _suggest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known)}"

"""Settings, read once at the edge from ``LIGHTKEEPER_*`` and a TOML file, then passed in."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def default_data_folder() -> Path:
    """Return the folder for the database, after the XDG base directory specification."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "lightkeeper"


class Settings(BaseSettings):
    """Everything a person can set. Environment beats the file ``lightkeeper.toml``."""

    model_config = SettingsConfigDict(
        env_prefix="LIGHTKEEPER_", toml_file="lightkeeper.toml", extra="forbid", frozen=True
    )

    database: str = Field(
        default_factory=lambda: f"sqlite:///{default_data_folder() / 'lightkeeper.sqlite'}",
        description="Database URL (SQLAlchemy).",
    )
    region: Path | None = Field(
        default=None,
        description="Folder or zip of the region; none: the synthetic region of the demo.",
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
    crews: int = Field(default=6, ge=1, description="Repair crews.")
    budget: float = Field(
        default=20.0, ge=0, description="Budget for reinforcement, in units of the cost table."
    )
    cap_sender: str = Field(
        default="duty-desk@lightkeeper.invalid",
        pattern=r"^[^\s,<&]+$",
        description="Sender of CAP messages.",
    )

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

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lightkeeper.storage import open_store
from lightkeeper.storage.database import HEAD
from lightkeeper.storage.tables import Table


def test_the_named_version_is_the_last_migration() -> None:
    config = Config()
    folder = resources.files("lightkeeper.storage") / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_that_the_code_reads(path: Path) -> None:
    open_store(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_the_file_keeps_a_log_beside_it_for_readers(path: Path) -> None:
    open_store(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()

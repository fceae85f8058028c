"""Opening the database: address, SQLite's settings, migrations, and errors put in plain words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from lightkeeper.errors import DeliveryError, InputError, StoreBusy

HEAD = "0001"
"""Schema version this program writes; the last of `migrations/versions`."""

WRITE = "lightkeeper_write"
"""Execution option of connections that take SQLite's write lock at once."""


def parse_address(address: str | Path) -> URL:
    """URL of a store. A path, or text without "://", means an SQLite file."""
    if isinstance(address, Path) or "://" not in address:
        return URL.create("sqlite", database=str(address))
    try:
        return make_url(address)
    except ArgumentError as error:
        raise InputError(
            f'store address "{address}" is not a database URL; '
            "write for example sqlite:///lightkeeper.db"
        ) from error


def connect(url: URL, *, busy_timeout_s: float) -> Engine:
    """Engine for `url`. Nothing is read or written yet."""
    is_sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(url, connect_args={"timeout": busy_timeout_s} if is_sqlite else {})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(
            f'store "{url.render_as_string()}": no driver for this database ({error}); '
            "install it, or use an SQLite file"
        ) from error
    if is_sqlite:
        _set_up_sqlite(engine)
    return engine


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transaction control begins too late; `on_begin` does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        # FULL: a commit survives a power cut, which is the weather this runs in.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # Taking the write lock first: a later upgrade from read to write would fail at once
        # instead of waiting its turn.
        is_write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


@contextmanager
def in_plain_words(url: URL) -> Iterator[None]:
    """Turn the driver's errors into Lightkeeper's, saying what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _explain(url, str(error.orig)) from error
    except sqlite3.Error as error:
        raise _explain(url, str(error)) from error


def _explain(url: URL, reason: str) -> InputError | DeliveryError:
    where = f'store "{url.render_as_string()}"'
    if "locked" in reason or "busy" in reason:
        return StoreBusy(
            f"{where}: another process is writing and did not finish in time; "
            "try again, or look for a Lightkeeper process that hangs"
        )
    if "not a database" in reason:
        return InputError(f"{where}: the file is not a database; name another file")
    if "unable to open" in reason:
        return InputError(
            f"{where}: cannot be opened; check that the folder exists and may be written to"
        )
    if "malformed" in reason:
        return InputError(f"{where}: the file is damaged; put back a copy of it")
    if "readonly" in reason:
        return DeliveryError(f"{where}: may not be written to; check the rights of file and folder")
    if "full" in reason:
        return DeliveryError(f"{where}: the disk is full; make room and try again")
    return DeliveryError(f"{where}: {reason}; check the database and try again")


def prepare(engine: Engine, *, busy_timeout_s: float) -> None:
    """Bring the schema to `HEAD`; a database that is there already costs one look."""
    if schema_version(engine) == HEAD:
        return
    if engine.dialect.name == "sqlite":
        _use_wal(engine, deadline_s=busy_timeout_s)
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        _refuse_foreign(connection)
        _upgrade(connection)


def schema_version(engine: Engine) -> str | None:
    """Version the database is at, None when it has none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if version is None else str(version)


def _use_wal(engine: Engine, *, deadline_s: float) -> None:
    """Readers and one writer at the same time; the setting stays in the file."""
    give_up_at = time.monotonic() + deadline_s
    while True:
        try:
            raw = engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
            finally:
                raw.close()
            return
        except sqlite3.OperationalError as error:
            # The switch needs the file for itself and does not always wait for it.
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _refuse_foreign(connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    if tables and "alembic_version" not in tables:
        raise InputError(
            f'store "{connection.engine.url.render_as_string()}" holds tables of another program '
            f"({', '.join(sorted(tables)[:3])}); name another file"
        )


def _upgrade(connection: Connection) -> None:
    # Alembic is slow to import and needed once per database.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    with resources.as_file(resources.files("lightkeeper.storage") / "migrations") as folder:
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise InputError(
                f'store "{connection.engine.url.render_as_string()}" has schema version '
                f"{current}, this program knows up to {HEAD}; upgrade Lightkeeper"
            )
        command.upgrade(config, "head")

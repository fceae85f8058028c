"""Runs the migrations on the connection that `open_store` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from lightkeeper.storage.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
context.run_migrations()

"""The log and the reports, both append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# REPLACE deletes without firing delete triggers, so inserts are guarded too.
_SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER log_no_update BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
    """,
    """
    CREATE TRIGGER log_no_delete BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
    """,
    """
    CREATE TRIGGER log_only_append BEFORE INSERT ON log
    WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM log)
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
    """,
    """
    CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports
    BEGIN SELECT RAISE(ABORT, 'reports are never edited'); END
    """,
    """
    CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports
    BEGIN SELECT RAISE(ABORT, 'reports are never deleted'); END
    """,
    """
    CREATE TRIGGER reports_no_replace BEFORE INSERT ON reports
    WHEN EXISTS (SELECT 1 FROM reports WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'reports are never edited'); END
    """,
)


def upgrade() -> None:
    """Create both tables and, on SQLite, the triggers that keep them append-only."""
    op.create_table(
        "reports",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_table(
        "log",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("report_id", sa.String(64), sa.ForeignKey("reports.id"), nullable=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_log_at", "log", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE_TRIGGERS:
            op.execute(statement)

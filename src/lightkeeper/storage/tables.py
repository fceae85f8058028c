"""Tables of the store. The migrations create them; these classes only read and insert."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, ForeignKey, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lightkeeper.units import require_utc

_AT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcText(TypeDecorator[datetime]):
    """An instant as fixed-width UTC text: sorts as it should in every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Instant to text."""
        return None if value is None else format_at(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Text to instant."""
        return None if value is None else datetime.strptime(value, _AT_FORMAT).replace(tzinfo=UTC)


def format_at(at: datetime) -> str:
    """Fixed-width UTC text, "2026-01-10T04:10:00.000000Z"."""
    return require_utc(at).strftime(_AT_FORMAT)


class Table(DeclarativeBase):
    """Base of the tables."""


class ReportRow(Table):
    """A report to the letter; `details` is canonical JSON of every field but the text."""

    __tablename__ = "reports"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)


class LogRow(Table):
    """One line of the log. `payload` is canonical JSON, kept as text because it is hashed."""

    __tablename__ = "log"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcText, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id"))
    payload: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

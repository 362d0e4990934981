"""The embedded event log: SQLite files on one machine, for the standalone topology. `EmbeddedLog` keeps the port's contract."""

from .log import EmbeddedLog

__all__ = ["EmbeddedLog"]

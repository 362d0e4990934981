"""A durable local spool in front of a log that may be gone: it keeps what is not acknowledged in time, and sends it on later."""

from .log import Kept, SpooledLog

__all__ = ["Kept", "SpooledLog"]

"""What every test may ask for: a real Kafka, a real PostgreSQL. And a plain log: left to itself, structlog draws each traceback
for half a second. (Services set up their own in `service.logs`.)
"""

import structlog

pytest_plugins = ["tests.parts.fixtures"]

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

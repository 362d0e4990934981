"""`make services`: start Kafka and PostgreSQL, print what to export, stop them on Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

from .kafka import running_kafka
from .missing import PartMissing
from .postgres import running_postgres


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as parts:
        try:
            servers = parts.enter_context(running_kafka()).servers
            database = parts.enter_context(running_postgres())
        except PartMissing as missing:
            print(missing, file=sys.stderr)
            return 1
        print(f"export WANAMAKER_KAFKA='{servers}'")
        print(f"export WANAMAKER_DATABASE='{database}'")
        print("# ready; Ctrl-C stops both and removes their data", file=sys.stderr, flush=True)
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopping", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

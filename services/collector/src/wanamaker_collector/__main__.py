"""`python -m wanamaker_collector serve`: the collector's only process; it consumes nothing."""

from __future__ import annotations

import argparse

from wanamaker_shared.service.logs import configure
from wanamaker_shared.service.serving import run_server

from .app import create_app
from .front_door import BODY_SECONDS
from .settings import CollectorSettings


def main() -> None:
    parser = argparse.ArgumentParser(prog="wanamaker_collector", description=__doc__)
    parser.add_argument("command", choices=["serve"], help="answer HTTP until SIGTERM or SIGINT")
    parser.parse_args()
    settings = CollectorSettings()
    configure(settings.service, settings.log_level)
    door = create_app(settings)
    run_server(door, settings, body_seconds=BODY_SECONDS, admission=door.admission)


if __name__ == "__main__":
    main()

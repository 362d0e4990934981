"""`python -m wanamaker_attribution serve|consume`: the reports over HTTP, and what keeps their tables."""

from __future__ import annotations

import argparse

from wanamaker_shared.service.logs import configure

from .settings import AttributionSettings


def main() -> None:
    parser = argparse.ArgumentParser(prog="wanamaker_attribution", description=__doc__)
    parser.add_argument(
        "command", choices=["serve", "consume"], help="answer HTTP, or consume, until SIGTERM or SIGINT"
    )
    command = parser.parse_args().command
    settings = AttributionSettings()
    configure(settings.service, settings.log_level)
    if command == "serve":
        from wanamaker_shared.service.serving import run_server

        from .app import create_app

        run_server(create_app(settings), settings)
    else:
        from wanamaker_shared.service.consuming import run_consumer

        from .projection import AttributionProjection

        keyring = settings.keyring
        run_consumer(settings, settings.service, lambda _: AttributionProjection(keyring))


if __name__ == "__main__":
    main()

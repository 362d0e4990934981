"""`python -m wanamaker_crm_bridge serve | consume`, configured by `WANAMAKER_…` (settings.py)."""

from __future__ import annotations

import argparse

from wanamaker_shared.service import logs

from .settings import BridgeSettings


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="wanamaker_crm_bridge", description="CRM webhooks become deal and contact facts."
    )
    parser.add_argument("command", choices=("serve", "consume"), help="answer HTTP, or map the inbox into crm-events")
    command = parser.parse_args().command
    settings = BridgeSettings()
    logs.configure(f"{settings.service}-{command}", settings.log_level)
    if command == "serve":
        from wanamaker_shared.service.serving import run_server

        from .app import create_app

        run_server(create_app(settings), settings, body_seconds=settings.import_seconds)
    else:
        from wanamaker_shared.service.consuming import run_consumer

        from .projection import BridgeProjection

        run_consumer(
            settings, settings.service, lambda _: BridgeProjection(settings.keyring, settings.known_connections)
        )


if __name__ == "__main__":
    main()

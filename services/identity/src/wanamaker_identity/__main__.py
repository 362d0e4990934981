"""`python -m wanamaker_identity serve | consume`, configured by `WANAMAKER_…` (settings.py)."""

from __future__ import annotations

import argparse

from wanamaker_shared.service import logs

from .settings import IdentitySettings


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="wanamaker_identity", description="Who is one person: cookies, e-mails, user ids and CRM contacts."
    )
    parser.add_argument("command", choices=("serve", "consume"), help="answer HTTP, or keep the profile graph")
    command = parser.parse_args().command
    settings = IdentitySettings()
    logs.configure(f"{settings.service}-{command}", settings.log_level)
    if command == "serve":
        from wanamaker_shared.service.serving import run_server

        from .app import create_app

        run_server(create_app(settings), settings)
    else:
        from wanamaker_shared.service.consuming import run_consumer

        from .projection import IdentityProjection

        run_consumer(settings, settings.service, lambda generation: IdentityProjection(settings.keyring, generation))


if __name__ == "__main__":
    main()

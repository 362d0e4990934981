"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option(help="Directory of the log, the databases and keys.json.", envvar="WANAMAKER_DATA")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
DEFAULT_DATA = Path("data")
DEFAULT_HOST = "127.0.0.1"
Database = Annotated[
    str | None, typer.Option(help="PostgreSQL URL of the services' databases.", envvar="WANAMAKER_DATABASE")
]

"""Which import a file is: of the workspace, the reading that was asked for, and the file's bytes. Pure."""

from __future__ import annotations

import hashlib

from wanamaker_shared.contracts.record import canonical

from ..spreadsheet.options import Options

VERSION = 2
"""Raised when one file comes to be cut into other deliveries or read otherwise: what was begun before is not gone on with."""


def file_id(workspace: str, options: Options, sha256: str) -> str:
    """What all imports of one file under one reading have in common."""
    return hashlib.sha256(canonical([VERSION, workspace, options.connection, sha256, options.stated()])).hexdigest()[
        :32
    ]


def import_id_of(of_file: str, again: int) -> str:
    """The file's first import, or the one of a later time that it was stated anew."""
    return of_file if again == 0 else hashlib.sha256(canonical([of_file, again])).hexdigest()[:32]

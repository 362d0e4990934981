"""Which partition a key belongs to: the same on a laptop and on Kafka."""

from __future__ import annotations

import zlib


def partition_for(key: str, partitions: int) -> int:
    """The partition of a key: CRC-32 of its UTF-8 bytes, modulo. Stable across processes, machines and versions."""
    return zlib.crc32(key.encode()) % partitions

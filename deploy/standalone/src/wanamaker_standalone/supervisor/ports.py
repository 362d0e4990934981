"""Ports: told apart as free or taken before anything is started, so that the message names the culprit's place."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from ..refusal import Refusal
from .processes import SERVICES

DEFAULT_PORTS = "8001,8002,8003,8004"


def parse(text: str) -> list[int]:
    """Four port numbers, comma-separated. Raises Refusal."""
    try:
        ports = [int(part) for part in text.split(",")]
    except ValueError:
        ports = []
    if len(ports) != len(SERVICES) or not all(0 <= port <= 65535 for port in ports):
        raise Refusal(f"--ports takes four port numbers, for {', '.join(SERVICES)}, like {DEFAULT_PORTS}; not {text!r}")
    return ports


def is_free(host: str, port: int) -> bool:
    """Raises Refusal if the host is no address of this machine."""
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Refusal(f"cannot listen on {host}:{port}: {error.strerror}") from error
        return True


def require_free(host: str, ports: Sequence[int]) -> None:
    """Raises Refusal naming each port that another program holds, and for which service it was wanted."""
    taken = [
        f"{port} ({service})" for service, port in zip(SERVICES, ports, strict=True) if port and not is_free(host, port)
    ]
    if taken:
        raise Refusal(
            f"already in use on {host}: port {', '.join(taken)}. Stop the program that has it, or choose other ports: "
            "wanamaker up --ports 8101,8102,8103,8104"
        )


def choose(host: str, wanted: Sequence[int], *, spare: int = 0) -> list[int]:
    """The wanted ports, each 0 replaced by a free one, and `spare` free ones more; all different."""
    held: list[socket.socket] = []
    try:
        chosen = []
        for port in [*wanted, *[0] * spare]:
            if port == 0:
                held.append(_socket(host))
                held[-1].bind((host, 0))
                port = held[-1].getsockname()[1]
            chosen.append(port)
        return chosen
    finally:
        for each in held:
            each.close()


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)

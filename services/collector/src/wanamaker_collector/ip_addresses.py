"""IP addresses: what of one may be stored, and which are nobody's on the internet. Pure."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network

_KEPT_BITS = {4: 24, 6: 48}


_LONGEST = 64
"""Characters that are looked at and remembered: an address has at most 45, and an interface may be named behind it."""


def truncated(text: str) -> str | None:
    """The address without the part that tells one household from another: IPv4 /24, IPv6 /48. None for what is no address."""
    return _truncated(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=65536)
def _truncated(text: str) -> str | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if not isinstance(address, IPv4Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ip_network((address, _KEPT_BITS[address.version]), strict=False).network_address)


@lru_cache(maxsize=65536)
def is_private(text: str) -> bool:
    """Whether it is an address of a private network or of this machine: no visitor's, but a proxy's of ours."""
    try:
        return ip_address(text).is_private
    except ValueError:
        return True  # a Unix socket

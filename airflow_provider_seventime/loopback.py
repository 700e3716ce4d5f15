"""Loopback addresses: those that reach this machine only."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return True if a host name or address reaches this machine only.

    :param host: name or IP address, without brackets and port.
    """
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

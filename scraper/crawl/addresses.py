"""Which network addresses may be asked: public ones. What a name resolves to is checked when it is connected to."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

_log = logging.getLogger(__name__)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host name spells (10.0.0.1, 2130706433, 0x7f.1, 0177.0.0.1, ::1); None for a real name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeEncodeError):
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether the address is one host of the public internet, looking through IPv6 forms of IPv4 addresses."""
    inner = _embedded(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which answers with public addresses only: a name cannot lead into the local network.

    What is connected to is the very address that was checked, so a name that changes its answer (DNS rebinding) gains
    nothing. Addresses spelled in the URL are judged by `routes.Routes`; the hosts of the operator's routes may be local.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        """Trust no name yet."""
        super().__init__(reactor, cache_size, timeout)
        self._trusted: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Trust the servers that ANSINH_ROUTES names."""
        resolver = super().from_crawler(crawler, reactor)
        routes = crawler.settings.getdict("ANSINH_ROUTES")
        resolver._trusted = frozenset(target.rpartition(":")[0] for target in routes.values())
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  Twisted's name
        """Return the address of the name; fail with DNSLookupError when it is not public."""
        answer = super().getHostByName(name, timeout)
        return answer if name in self._trusted else answer.addCallback(_public, name)


def _public(address: str, name: str) -> str:
    if name != address and not is_public(ip_address(address)):
        _log.warning("%s resolves to %s, which is no public address; it is not asked", name, address)
        raise DNSLookupError(f"{name} resolves to {address}, which is no public address")
    return address

"""Whose address a request comes from, when proxies stand in between.

A forwarding header is a claim by whoever wrote it, so only what trusted proxies wrote is believed:
the walk starts at the peer of the connection and goes on leftwards through the header as long as
the address it stands on is a trusted proxy's (RFC 7239 section 5.2 and 8.1; the same rule for the
older `X-Forwarded-For`).
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from typing import Annotated, Literal

from pydantic import AfterValidator

from distillgate.settings import Settings

Address = IPv4Address | IPv6Address

UNIX = "unix"
"""How a peer without an address (a Unix socket) is named in `trusted`."""

REMEMBERED = 4096
"""Addresses whose reading is remembered: the same few proxies and clients come back."""

MAX_HOPS = 32
"""Hops a forwarding header is read for; more is an attack or a loop."""

_MARK = re.compile(r"(?<!\\)\\*\"|,")
"""A comma, or a quote with the backslashes before it."""
_PAIR = re.compile(r"(?:^|;)\s*([^=;\"\s]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)")


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value != UNIX:
            ipaddress.ip_network(value)
    return values


Networks = Annotated[tuple[str, ...], AfterValidator(_networks)]
"""Networks (CIDR), and `unix`."""


class AddressSettings(Settings):
    """Which proxies are believed, and in which header."""

    trusted: Networks = ("127.0.0.0/8", "::1/128")
    """Networks (CIDR) of proxies whose forwarding, identity and attribute headers are believed;
    `unix` names peers on a Unix socket."""
    header: Literal["x-forwarded-for", "forwarded", "none"] = "x-forwarded-for"
    """The one header your proxies set and clean; reading the other too would let clients choose."""


class Addresses:
    """Answers two questions of a connection: is its peer trusted, and who is the client."""

    def __init__(self, settings: AddressSettings) -> None:
        self._header = settings.header.encode()
        self._unix = UNIX in settings.trusted
        networks = [ipaddress.ip_network(n) for n in settings.trusted if n != UNIX]
        self._v4 = [n for n in networks if isinstance(n, IPv4Network)]
        self._v6 = [n for n in networks if isinstance(n, IPv6Network)]
        self._contains = lru_cache(REMEMBERED)(self._is_within)
        self._trusted = lru_cache(REMEMBERED)(self._is_trusted)

    def trusts(self, peer: str | None) -> bool:
        """Return whether a peer's headers are believed; None is a peer on a Unix socket."""
        if peer is None:
            return self._unix
        return self._trusted(peer)

    def client(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Walk from the peer to the first address that no trusted proxy vouches beyond.

        Where a hop is unreadable (`unknown`, an obfuscated name, rubbish) the walk ends at the
        proxy that passed it on. None only where the peer itself has no address.
        """
        if not self.trusts(peer):
            return None if peer is None else plain(peer)
        current = peer
        for hop in self._hops(headers):
            address = parse(hop)
            if address is None:
                break
            current = hop
            if not self._contains(address):
                break
        return None if current is None else plain(current)

    def _is_trusted(self, peer: str) -> bool:
        address = parse(peer)
        return address is not None and self._contains(address)

    def _is_within(self, address: Address) -> bool:
        if isinstance(address, IPv4Address):
            return any(address in network for network in self._v4)
        return any(address in network for network in self._v6)

    def _hops(self, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
        """Yield the header's addresses, nearest proxy first.

        Several lines are one list, and its empty elements are ignored (RFC 9110 5.3, 5.6.1.2).
        """
        lines = [value.decode("latin-1") for name, value in headers if name == self._header]
        if not lines:
            return
        if self._header == b"forwarded":
            elements = (element for line in reversed(lines) for element in _elements(line))
            hops = (_forwarded_for(element) for element in elements if element)
        else:
            parts = (part.strip() for line in reversed(lines) for part in reversed(line.split(",")))
            hops = (part for part in parts if part)
        yield from islice(hops, MAX_HOPS)


@lru_cache(REMEMBERED)
def parse(text: str) -> Address | None:
    """Read an address with or without port and brackets; IPv4 in IPv6 is IPv4. None for rubbish."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(REMEMBERED)
def plain(text: str) -> str:
    """Write an address as everybody does; what is none as it came."""
    address = parse(text)
    return text if address is None else str(address)


@lru_cache(REMEMBERED)
def network(text: str) -> str:
    """Name the network one customer holds: the IPv4 address, or the IPv6 /64."""
    address = parse(text)
    if address is None:
        return text
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _elements(line: str) -> Iterator[str]:
    """Yield the elements of one `Forwarded` line, last first; commas in quotes part nothing.

    Read from its end, because that is what the trusted proxy wrote: a quote that a client left
    open further left must not swallow it.
    """
    end, quoted = len(line), False
    for mark in reversed(list(_MARK.finditer(line))):
        if mark[0] == ",":
            if not quoted:
                yield line[mark.end() : end].strip()
                end = mark.start()
        elif not quoted or len(mark[0]) % 2:  # an even number of backslashes escapes no quote
            quoted = not quoted
    yield line[:end].strip()


def _forwarded_for(element: str) -> str:
    """Read the `for` parameter of one `Forwarded` element (RFC 7239 section 4)."""
    for name, value in _PAIR.findall(element):
        if name.lower() == "for":
            text: str = value.strip()
            return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
    return ""

"""Where a drill may be played: at a machine of one's own."""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from distillgate.errors import UpstreamError
from distillgate.text import redacted

_PREFIX = "/v1"


class Target(NamedTuple):
    """A gate to play against."""

    url: str
    """What the paths of calls, such as `/v1/chat/completions`, are put behind."""
    addresses: tuple[str, ...]
    """What its host resolves to."""

    @property
    def near(self) -> bool:
        """Return whether all its addresses are loopback or private."""
        return all(_near(address) for address in self.addresses)


def target(url: str) -> Target:
    """Read a gate's address, with or without the `/v1` that clients know it by.

    Raises `UpstreamError` for what is no address, or one that no host answers to.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UpstreamError(f"{redacted(url)}: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UpstreamError(f"{redacted(url)}: no address such as http://127.0.0.1:8080")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UpstreamError(f"{redacted(url)}: {error.strerror or error}") from None
    path = parts.path.rstrip("/").removesuffix(_PREFIX)
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    return Target(f"{parts.scheme}://{parts.netloc}{path}", tuple(addresses))


def _near(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.is_loopback or (parsed.is_private and not parsed.is_unspecified)

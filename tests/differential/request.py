"""What one example sends, and what it must be known by when two views of it are compared."""

import re
from typing import NamedTuple

END = b"/end"
"""The path of the request that ends every example: who answers it has understood all before it."""

MARK = b"MARK0000"
"""Stands in every request's `x-run` for a number of its own each time that it is sent: what is late
to arrive is not taken for what is sent next."""

_SENTINEL = b"GET %b HTTP/1.1\r\nHost: end\r\nx-run: %b\r\nConnection: close\r\n\r\n" % (END, MARK)


class Sent(NamedTuple):
    """The bytes of one connection."""

    raw: bytes
    oddities: frozenset[str] = frozenset()
    """What is unusual about them, in words of the grammar."""

    def marked(self, mark: bytes) -> bytes:
        """Return the bytes of one run, with the request that ends them."""
        return (self.raw + _SENTINEL).replace(MARK, mark)


class Call(NamedTuple):
    """A model call as somebody took it: an upstream, or the gate."""

    operation: str
    key: str | None
    """The API key an upstream took; the account's name where the gate took it."""
    plan: str | None
    model: str
    texts: tuple[str, ...]
    max_tokens: int | None
    stream: bool


class Arrived(NamedTuple):
    """A request as it reached an upstream."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    call: Call | None
    """What the upstream took it for; None where it would not have answered with a model's words."""

    def values(self, without: frozenset[str]) -> dict[str, list[str]]:
        """Map the names of the headers to their values in order."""
        found: dict[str, list[str]] = {}
        for name, value in self.lowered:
            if name not in without:
                found.setdefault(name, []).append(value.strip(" \t"))
        return found

    @property
    def hop(self) -> frozenset[str]:
        """The headers that the sender meant for one connection only."""
        options = [value.split(",") for name, value in self.lowered if name == "connection"]
        return frozenset(one.strip().lower() for line in options for one in line)

    @property
    def lowered(self) -> list[tuple[str, str]]:
        """The headers, their names in lower case."""
        return [(name.lower(), value) for name, value in self.headers]


class Run(NamedTuple):
    """What became of one example at one server."""

    received: bytes
    """What the client was answered."""
    silent: bool
    """The server was waiting for more, and nothing came for a while."""
    arrived: tuple[Arrived, ...]
    """What reached the upstream, without the request that ends the example."""
    ended: bool
    """Whether that one reached it too."""

    @property
    def calls(self) -> list[Call]:
        """The model calls that the upstream took."""
        return [one.call for one in self.arrived if one.call is not None]

    @property
    def statuses(self) -> list[int]:
        """The final statuses that the client was answered with."""
        found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", self.received)]
        return [status for status in found if status >= 200]

    @property
    def closed(self) -> bool:
        """Whether an answer said that it was the last: nobody has to take more than one request."""
        return b"connection: close" in self.received.lower()

    @property
    def refused(self) -> bool:
        """Whether an answer came from somebody else than the upstream's application."""
        return len(self.statuses) > self.received.lower().count(b"x-upstream: ")


class Judged(NamedTuple):
    """What the gate made of one example."""

    calls: tuple[Call, ...]
    unread: tuple[str, ...] = ()
    """The reasons of what it counted as unread."""
    failed: tuple[str, ...] = ()
    """Where it failed itself."""

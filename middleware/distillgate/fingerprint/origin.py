"""Where a request comes from, as keyed hashes: the address, the client and the card are not kept.

What is not known is None (or 0 where only a mark is kept of it), and ties nobody to anybody.
"""

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from distillgate.records import FrozenRecord
from distillgate.wire.exchange import Client, Exchange

_SDKS = ("OpenAI/", "AsyncOpenAI/", "Anthropic/", "AsyncAnthropic/")
"""What the vendors' own clients call themselves; they send `x-stainless-*` headers too."""
_WEEK = 7 * 86_400.0

HashText = Callable[[str], int]
"""Hashes a text with the gate's key, to 64 bits."""


class Origin(FrozenRecord, frozen=True):
    """Keyed hashes of what may tie a request to others beside its text; the first five by kind."""

    payment: int | None
    network: int | None
    """Its public neighbourhood of addresses."""
    shape: int
    client: int | None
    """The client's name and headers, and the request's shape."""
    cohort: int | None
    """The week in which the account was opened, and the client."""
    nearby: int = 0
    """The address but for its last byte, public or not."""
    agent: int = 0
    scrubbed: bool | None = None
    """Whether the client was made to tell nothing; None where its headers are not known."""
    declared: bool = False
    """It names whom it is for."""


def origin(exchange: Exchange, shape: int, hash_text: HashText) -> Origin:
    """Read where a request of this shape comes from."""
    attributes, client = exchange.attributes, exchange.client
    network = _network(client.ip) if client.ip else None
    stack = cohort = None
    if client.user_agent:
        named = f"{client.user_agent} {' '.join(client.headers)} {client.ja4}"
        stack = hash_text(f"client {shape} {named}")
        if attributes.created is not None:
            cohort = hash_text(f"cohort {int(attributes.created // _WEEK)} {named}")
    return Origin(
        payment=hash_text(f"payment {attributes.payment}") if attributes.payment else None,
        network=hash_text(f"network {network}") if network else None,
        shape=hash_text(f"shape {shape}"),
        client=stack,
        cohort=cohort,
        nearby=hash_text(_nearby(client.ip)) if client.ip else 0,
        agent=hash_text(client.user_agent) if client.user_agent else 0,
        # Without headers nothing is known of the client: that is the log's silence, not its own.
        scrubbed=scrubbed(client) if client.headers else None,
        declared=bool(attributes.end_user or exchange.request.end_user),
    )


def scrubbed(client: Client) -> bool:
    """Return whether a client was made to tell nothing: no name, or a vendor's without its
    headers.
    """
    agent = client.user_agent
    if not agent:
        return True
    return agent.startswith(_SDKS) and not any(h.startswith("x-stainless-") for h in client.headers)


def _nearby(address: str) -> str:
    """Return an address's first three bytes, or of IPv6 the first three groups."""
    if ":" in address:
        return ":".join(address.split(":", 3)[:3])
    return address.rpartition(".")[0]


@lru_cache(8192)
def _network(address: str) -> str | None:
    """Return the /24 of an IPv4 address or the /48 of an IPv6 one; None for what is neither.

    Private and loopback addresses are no network: behind a proxy that hides its clients everybody
    has the same.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if not parsed.is_global:
        return None
    width = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, width), strict=False))

"""What may tie accounts together beside shared text: where they come from, who pays, what they run.

A key only says who to compare; whether one hand feeds them is the evidence's business. Weak keys
(a common client, a week of sign-ups) make large mixed groups, whose core has to be found.
"""

import ipaddress
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from distillgate.account.windows import DAY
from distillgate.fingerprint.fingerprint import Fingerprint
from distillgate.wire.exchange import Exchange


class Kind(StrEnum):
    """What a group's units share, in words."""

    SYSTEM = "system prompt"
    TURN = "prompt template"
    PAYMENT = "payment instrument"
    NETWORK = "network"
    SHAPE = "request shape"
    CLIENT = "client and request shape"
    COHORT = "client and sign-up week"
    LINKS = "chain of meetings"
    USE = "way of use"

    @property
    def textual(self) -> bool:
        """Whether the key is shared text: then only the texts that carry it are compared."""
        return self in (Kind.SYSTEM, Kind.TURN)


class Key(NamedTuple):
    """One thing shared: its kind and keyed hash."""

    kind: Kind
    value: int


def keys(
    exchange: Exchange, fingerprint: Fingerprint, hash_text: Callable[[str], int]
) -> Iterator[Key]:
    """Give the keys of an exchange that are not text; what is not known gives none."""
    attributes, client = exchange.attributes, exchange.client
    if attributes.payment:
        yield Key(Kind.PAYMENT, hash_text(f"payment {attributes.payment}"))
    network = _network(client.ip) if client.ip else None
    if network:
        yield Key(Kind.NETWORK, hash_text(f"network {network}"))
    yield Key(Kind.SHAPE, hash_text(f"shape {fingerprint.shape}"))
    if not client.user_agent:
        return
    stack = f"{client.user_agent} {' '.join(client.headers)} {client.ja4}"
    yield Key(Kind.CLIENT, hash_text(f"client {fingerprint.shape} {stack}"))
    if attributes.created is not None:
        week = int(attributes.created // (7 * DAY))
        yield Key(Kind.COHORT, hash_text(f"cohort {week} {stack}"))


@lru_cache(8192)
def _network(address: str) -> str | None:
    """Give the /24 of an IPv4 address or the /48 of an IPv6 one; None for what is neither.

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

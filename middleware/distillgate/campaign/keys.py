"""What may tie accounts together beside shared text: where they come from, who pays, what they run.

A key only says who to compare; whether one hand feeds them is the evidence's business. Weak keys
(a common client, a week of sign-ups) make large mixed groups, whose core has to be found.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from distillgate.fingerprint.origin import Origin
from distillgate.records import FrozenStruct


class Kind(StrEnum):
    """What a group's principals share, in words."""

    SYSTEM = "system prompt"
    TURN = "prompt template"
    PAYMENT = "payment instrument"
    NETWORK = "network"
    SHAPE = "request shape"
    CLIENT = "client and request shape"
    COHORT = "client and sign-up week"
    LINKS = "chain of meetings"
    HAND = "source of texts"

    @property
    def textual(self) -> bool:
        """Return whether the key is shared text: then only the texts that carry it are compared."""
        return self in (Kind.SYSTEM, Kind.TURN)

    @property
    def loose(self) -> bool:
        """Return whether customers share it who have nothing else in common."""
        return self in (Kind.NETWORK, Kind.SHAPE, Kind.CLIENT, Kind.COHORT)


class Key(FrozenStruct, frozen=True):
    """One thing shared: its kind and keyed hash."""

    kind: Kind
    value: int


CODE = "g-"
"""How a group's own reference begins: no name may, or it could be taken for another group."""
_CODE = re.compile(f"{CODE}([0-9a-f]{{16}})")


def code_of(key: int) -> str:
    """Return a group's own reference, whatever people call it."""
    return f"{CODE}{key:016x}"


def key_of(code: str) -> int | None:
    """Return the key of the group with this reference; None where it is none."""
    found = _CODE.fullmatch(code)
    return int(found[1], 16) if found is not None else None


_SHARED = (Kind.PAYMENT, Kind.NETWORK, Kind.SHAPE, Kind.CLIENT, Kind.COHORT)
"""The kinds of an `Origin`'s hashes."""


def keys(origin: Origin) -> Iterator[Key]:
    """Return the keys of an exchange that are not text; what is not known gives none."""
    shared = origin.payment, origin.network, origin.shape, origin.client, origin.cohort
    for kind, value in zip(_SHARED, shared, strict=True):
        if value is not None:
            yield Key(kind, value)

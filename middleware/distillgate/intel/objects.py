"""The STIX objects of a report that are read, as far as they are."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from distillgate.intel.stix import EXTENSION

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Name = Annotated[str, msgspec.Meta(max_length=128)]
_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class Extension(msgspec.Struct):
    """A template's lines, as a community's key hashes them."""

    key: str
    normaliser: str
    lines: Annotated[list[_Hash], msgspec.Meta(min_length=1, max_length=64)]


class _Extensions(msgspec.Struct):
    ours: Extension | None = msgspec.field(default=None, name=EXTENSION)


class Indicator(msgspec.Struct):
    """A template that is told of."""

    id: Annotated[str, msgspec.Meta(pattern="^indicator--[0-9a-fA-F-]{36}$")]
    created_by_ref: _Name
    valid_from: _Moment
    valid_until: _Moment
    extensions: _Extensions
    revoked: bool = False
    indicator_types: list[str] = []
    modified: _Moment | None = None


class Identity(msgspec.Struct):
    """A sender."""

    id: _Name
    name: Annotated[str, msgspec.Meta(max_length=200)]


class Opinion(msgspec.Struct):
    """What a sender thinks of indicators."""

    created_by_ref: _Name
    object_refs: list[_Name]
    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
    id: _Name = ""
    revoked: bool = False
    modified: _Moment | None = None


def modified_at(made: Indicator | Opinion) -> float:
    """Return when a version was made: one that does not say is the oldest, and a revocation the
    last, as STIX has no version after it.
    """
    if made.revoked:
        return math.inf
    return -math.inf if made.modified is None else made.modified.timestamp()


def by_type(objects: list[Any], wrong: Counter[str]) -> Mapping[str, list[Any]]:
    """Sort objects by their types; count those that have none."""
    found = defaultdict[str, list[Any]](list)
    for at, made in enumerate(objects):
        if isinstance(made, dict) and isinstance(made.get("type"), str):
            found[made["type"]].append(made)
        else:
            wrong[f"object {at}: no STIX object: it has no `type`"] += 1
    return found


def valid(objects: list[Any], kind: type[_Struct], wrong: Counter[str]) -> list[_Struct]:
    """Read objects; count those that are not valid, with their ids and what is wrong."""
    found = list[_Struct]()
    for made in objects:
        try:
            found.append(msgspec.json.decode(msgspec.json.encode(made), type=kind))
        except (ValueError, RecursionError) as error:
            name = made.get("id")
            name = name[:128] if isinstance(name, str) else "without an id"
            wrong[f"{name}: {error}"] += 1
    return found

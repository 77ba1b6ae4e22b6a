"""What others tell, as far as it can be used: valid, in time, by somebody trusted, undisputed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec

from distillgate.account.windows import DAY
from distillgate.errors import StoreError
from distillgate.intel.community import Community, Key
from distillgate.intel.sketch import NORMALISER
from distillgate.intel.stix import EXTENSION

MOST_BYTES, MOST_OBJECTS = 1 << 26, 100_000
"""The largest report that is read."""
MOST_TOLD = 10_000
"""Indicators that are looked for at once."""
LONGEST_DAYS = 30.0
"""Days after which what was told counts no more, whatever it says itself."""
_DISPUTES = frozenset({"disagree", "strongly-disagree"})

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Struct = TypeVar("Struct", bound=msgspec.Struct)


class _Extension(msgspec.Struct):
    key: str
    normaliser: str
    lines: Annotated[list[_Hash], msgspec.Meta(min_length=1, max_length=64)]


class _Indicator(msgspec.Struct):
    id: str
    created_by_ref: str
    valid_from: _Moment
    valid_until: _Moment
    extensions: dict[str, msgspec.Raw]
    revoked: bool = False


class _Identity(msgspec.Struct):
    id: str
    name: Annotated[str, msgspec.Meta(max_length=200)]


class _Opinion(msgspec.Struct):
    created_by_ref: str
    object_refs: list[str]
    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]


class Told(NamedTuple):
    """An indicator that can be looked for."""

    id: str
    source: str
    key: Key
    lines: frozenset[str]
    until: float


class Received(NamedTuple):
    """What a report holds."""

    told: list[Told]
    left_out: Counter[str]
    """Indicators that are not looked for, by why."""
    withdrawn: frozenset[str] = frozenset()
    """Names of indicators that a trusted source disputes, or took back."""


class Trust(NamedTuple):
    """Whom one listens to, with which keys, at which time."""

    community: Community
    sources: Sequence[str]
    """Names of senders; without any, everybody who has the community's key."""
    now: float


def read(raw: bytes, trust: Trust) -> Received:
    """Read a bundle. Raises `StoreError`, naming the object, for what is no valid one."""
    return receive(objects_of(raw), trust)


def objects_of(raw: bytes) -> Any:
    """Return the objects of a bundle, whatever they are. Raises `StoreError` for what is none."""
    if len(raw) > MOST_BYTES:
        raise StoreError(f"a report of {len(raw):,} bytes is too large; {MOST_BYTES:,} are read")
    try:
        bundle = msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise StoreError(f"no STIX bundle: {error}") from None
    return objects_in(bundle)


def objects_in(bundle: Any) -> Any:
    """Return the objects of a bundle that was read. Raises `StoreError` for what is none."""
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle":
        raise StoreError("no STIX bundle: its `type` is not `bundle`")
    return bundle.get("objects", [])


def receive(objects: Any, trust: Trust) -> Received:
    """Sort objects out. Raises `StoreError`, naming the object, for what is no valid one."""
    if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
        raise StoreError(f"no STIX bundle: `objects` is no list of at most {MOST_OBJECTS:,}")
    by_type = defaultdict[str, list[Any]](list)
    for at, made in enumerate(objects):
        if not isinstance(made, dict) or not isinstance(made.get("type"), str):
            raise StoreError(f"object {at}: no STIX object: it has no `type`")
        by_type[made["type"]].append(made)
    names = {one.id: one.name for one in _all(by_type["identity"], _Identity)}
    disputed = _disputed(_all(by_type["opinion"], _Opinion), names, trust)
    told, left_out, withdrawn = list[Told](), Counter[str](), set(disputed)
    for indicator in _all(by_type["indicator"], _Indicator):
        found = _usable(indicator, names, trust, disputed)
        if isinstance(found, str):
            left_out[found] += 1
            if indicator.revoked and _trusted(_source(indicator, names), trust):
                withdrawn.add(indicator.id)
        else:
            told.append(found)
    if len(told) > MOST_TOLD:
        raise StoreError(f"{len(told):,} indicators are too many; {MOST_TOLD:,} are looked for")
    return Received(told, left_out, frozenset(withdrawn))


def _source(made: _Indicator, names: Mapping[str, str]) -> str:
    return names.get(made.created_by_ref, made.created_by_ref)


def _usable(
    made: _Indicator, names: Mapping[str, str], trust: Trust, disputed: Mapping[str, str]
) -> Told | str:
    """Return an indicator to look for, or why it is not looked for."""
    source = _source(made, names)
    begun = made.valid_from.timestamp()
    until = min(made.valid_until.timestamp(), begun + LONGEST_DAYS * DAY)
    if EXTENSION not in made.extensions:
        return "of another kind"
    if not _trusted(source, trust):
        return f"by {source}, who is not trusted"
    if made.revoked or not begun <= trust.now < until:
        return "not valid now"
    if made.id in disputed:
        return f"disputed by {disputed[made.id]}"
    found = _one(made.extensions[EXTENSION], _Extension, made.id)
    key = next((key for key in trust.community.accepted(trust.now) if key.id == found.key), None)
    if key is None or found.normaliser != NORMALISER:
        return "under a key that is not accepted" if key is None else "of another normaliser"
    return Told(made.id, source, key, frozenset(found.lines), until)


def _disputed(
    opinions: Sequence[_Opinion], names: Mapping[str, str], trust: Trust
) -> dict[str, str]:
    """Return by whom objects are disputed: only trusted sources count."""
    return {
        name: source
        for one in opinions
        if one.opinion in _DISPUTES
        and _trusted(source := names.get(one.created_by_ref, one.created_by_ref), trust)
        for name in one.object_refs
    }


def _trusted(source: str, trust: Trust) -> bool:
    return not trust.sources or source in trust.sources


def _all(objects: list[Any], kind: type[Struct]) -> list[Struct]:
    return [_one(made, kind, _name(made.get("id"))) for made in objects]


def _name(given: Any) -> str:
    return given[:128] if isinstance(given, str) else "without an id"


def _one(made: Any, kind: type[Struct], name: str) -> Struct:
    try:
        raw = made if isinstance(made, msgspec.Raw) else msgspec.json.encode(made)
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{name}: {error}") from None

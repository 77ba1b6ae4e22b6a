"""What others tell, as far as it can be used: valid, in time, by somebody trusted, undisputed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec

from distillgate.account.windows import DAY
from distillgate.errors import StoreError, WireError
from distillgate.intel.community import Community, Key
from distillgate.intel.sketch import NORMALISER
from distillgate.intel.stix import EXTENSION
from distillgate.wire.bounds import Bounds, check

MOST_BYTES, MOST_OBJECTS = 1 << 26, 100_000
"""The largest report that is read."""
MOST_TOLD = 10_000
"""Indicators that are looked for at once."""
LONGEST_DAYS = 30.0
"""Days after which what was told counts no more, whatever it says itself."""
_DISPUTES = frozenset({"disagree", "strongly-disagree"})

BOUNDS = Bounds(500_000, 2_000_000, 0)
"""The most JSON of a report: parsed some 200 MB, where 64 MB of brackets would be gigabytes."""
_REASONS = 20
"""Different reasons for which indicators are left out that are told: senders name themselves."""

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Name = Annotated[str, msgspec.Meta(max_length=128)]
_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Struct = TypeVar("Struct", bound=msgspec.Struct)


class _Extension(msgspec.Struct):
    key: str
    normaliser: str
    lines: Annotated[list[_Hash], msgspec.Meta(min_length=1, max_length=64)]


class _Indicator(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(pattern="^indicator--[0-9a-fA-F-]{36}$")]
    created_by_ref: _Name
    valid_from: _Moment
    valid_until: _Moment
    extensions: dict[str, msgspec.Raw]
    revoked: bool = False
    indicator_types: list[str] = []


class _Identity(msgspec.Struct):
    id: _Name
    name: Annotated[str, msgspec.Meta(max_length=200)]


class _Opinion(msgspec.Struct):
    created_by_ref: _Name
    object_refs: list[_Name]
    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
    id: _Name = ""
    revoked: bool = False


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
        check(raw, BOUNDS)
        bundle = msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError, WireError) as error:
        raise StoreError(f"no STIX bundle: {error}") from None
    return objects_in(bundle)


def objects_in(bundle: Any) -> Any:
    """Return the objects of a bundle that was read. Raises `StoreError` for what is none."""
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle":
        raise StoreError("no STIX bundle: its `type` is not `bundle`")
    return bundle.get("objects", [])


def receive(objects: Any, trust: Trust) -> Received:
    """Sort objects out. Those that are not valid are left out: one sender's mistake, or malice, is
    not to silence the others. Raises `StoreError`, naming the first, where nothing else is there.
    """
    if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
        raise StoreError(f"no STIX bundle: `objects` is no list of at most {MOST_OBJECTS:,}")
    left_out, wrong, told = Counter[str](), Counter[str](), dict[str, Told]()
    by_type = _by_type(objects, wrong)
    names = _named(_all(by_type["identity"], _Identity, wrong), trust)
    disputed = _disputed(_all(by_type["opinion"], _Opinion, wrong), names, trust)
    withdrawn = set(disputed)
    for indicator in _all(by_type["indicator"], _Indicator, wrong):
        found = _usable(indicator, names, trust, disputed, wrong)
        if isinstance(found, str):
            left_out[found] += 1
            if indicator.revoked and _trusted(_source(indicator, names), trust):
                withdrawn.add(indicator.id)
        elif found is not None and told.setdefault(found.id, found).source == found.source:
            told[found.id] = found
        elif found is not None:
            left_out["under a name that another sender gave"] += 1
    if wrong and not (told or left_out or withdrawn):
        raise StoreError(next(iter(wrong)))
    hold = [one for one in told.values() if one.id not in withdrawn]
    return _bounded(hold, left_out + wrong, withdrawn)


def _by_type(objects: list[Any], wrong: Counter[str]) -> Mapping[str, list[Any]]:
    found = defaultdict[str, list[Any]](list)
    for at, made in enumerate(objects):
        if isinstance(made, dict) and isinstance(made.get("type"), str):
            found[made["type"]].append(made)
        else:
            wrong[f"object {at}: no STIX object: it has no `type`"] += 1
    return found


def _bounded(told: list[Told], left_out: Counter[str], withdrawn: set[str]) -> Received:
    """Return what was found, where it is not more than is looked for."""
    for number, what in ((len(told), "indicators"), (len(withdrawn), "withdrawn indicators")):
        if number > MOST_TOLD:
            raise StoreError(f"{number:,} {what} are too many; {MOST_TOLD:,} are looked for")
    most = Counter(dict(left_out.most_common(_REASONS)))
    if others := left_out.total() - most.total():
        most["for other reasons"] = others
    return Received(told, most, frozenset(withdrawn))


def _named(identities: Sequence[_Identity], trust: Trust) -> dict[str, str]:
    """Return the names of identities: of one that has several a trusted one, or else the first.

    Anybody may write an identity with another's id; that is not to silence whose it is.
    """
    names: dict[str, str] = {}
    for one in identities:
        if not _trusted(names.setdefault(one.id, one.name), trust) and _trusted(one.name, trust):
            names[one.id] = one.name
    return names


def _source(made: _Indicator, names: Mapping[str, str]) -> str:
    return names.get(made.created_by_ref, made.created_by_ref)


def _usable(
    made: _Indicator,
    names: Mapping[str, str],
    trust: Trust,
    disputed: Mapping[str, str],
    wrong: Counter[str],
) -> Told | str | None:
    """Return an indicator to look for, or why it is not looked for; None where it is not valid."""
    source = _source(made, names)
    until = min(made.valid_until.timestamp(), made.valid_from.timestamp() + LONGEST_DAYS * DAY)
    if EXTENSION not in made.extensions:
        return "of another kind"
    if not _trusted(source, trust):
        return f"by {source}, who is not trusted"
    if made.revoked or not made.valid_from.timestamp() <= trust.now < until:
        return "not valid now"
    if "benign" in made.indicator_types:
        return "said to be benign"
    if made.id in disputed:
        return f"disputed by {disputed[made.id]}"
    told = _one(made.extensions[EXTENSION], _Extension, made.id, wrong)
    return None if told is None else _comparable(made.id, source, told, until, trust)


def _comparable(name: str, source: str, told: _Extension, until: float, trust: Trust) -> Told | str:
    key = next((key for key in trust.community.accepted(trust.now) if key.id == told.key), None)
    if key is None:
        return "under a key that is not accepted"
    if told.normaliser != NORMALISER:
        return "of another normaliser"
    return Told(name, source, key, frozenset(told.lines), until)


def _disputed(
    opinions: Sequence[_Opinion], names: Mapping[str, str], trust: Trust
) -> dict[str, str]:
    """Return by whom objects are disputed: only trusted sources count, and no opinion that was
    taken back by whose it is.
    """
    over = {(one.id, one.created_by_ref) for one in opinions if one.revoked}
    return {
        name: source
        for one in opinions
        if one.opinion in _DISPUTES
        and (one.id, one.created_by_ref) not in over
        and _trusted(source := names.get(one.created_by_ref, one.created_by_ref), trust)
        for name in one.object_refs
        if name.startswith("indicator--")
    }


def _trusted(source: str, trust: Trust) -> bool:
    return not trust.sources or source in trust.sources


def _all(objects: list[Any], kind: type[Struct], wrong: Counter[str]) -> list[Struct]:
    read = (_one(made, kind, _name(made.get("id")), wrong) for made in objects)
    return [one for one in read if one is not None]


def _name(given: Any) -> str:
    return given[:128] if isinstance(given, str) else "without an id"


def _one(made: Any, kind: type[Struct], name: str, wrong: Counter[str]) -> Struct | None:
    """Read an object; None, and counted, where it is not valid."""
    try:
        raw = made if isinstance(made, msgspec.Raw) else msgspec.json.encode(made)
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError) as error:
        wrong[f"{name}: {error}"] += 1
        return None

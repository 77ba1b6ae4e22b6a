"""What others tell, as far as it can be used: valid, in time, by somebody trusted, undisputed."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from distillgate.account.windows import DAY
from distillgate.engine.versions import Version
from distillgate.errors import StoreError, WireError
from distillgate.intel.community import Community, Key
from distillgate.intel.objects import (
    Extension,
    Identity,
    Indicator,
    Opinion,
    by_type,
    modified_at,
    valid,
)
from distillgate.intel.shares import newest
from distillgate.intel.sketch import NORMALISER
from distillgate.wire.bounds import Bounds, check

MOST_BYTES, MOST_OBJECTS = 1 << 26, 100_000
"""The largest report that is read."""
MOST_TOLD = 10_000
"""Indicators that are taken of one report, and as many disputes and versions: see `shares`."""
LONGEST_DAYS = 30.0
"""Days after which what was told counts no more, whatever it says itself."""
_AHEAD = 300.0
"""Seconds that a sender's clock may be ahead of this one's, as Kerberos allows."""
_INDICATOR = "indicator--"
_DISPUTES = frozenset({"disagree", "strongly-disagree"})

BOUNDS = Bounds(500_000, 2_000_000, 0)
"""The most JSON of a report: parsed some 200 MB, where 64 MB of brackets would be gigabytes."""
_REASONS = 20
"""Different reasons for which indicators are left out that are told: senders name themselves."""

_Made = TypeVar("_Made", Indicator, Opinion)
_Name: TypeAlias = tuple[str, str]
"""An object's source and id: an id is its source's own."""


class Told(NamedTuple):
    """An indicator that can be looked for."""

    id: str
    source: str
    key: Key
    lines: frozenset[str]
    until: float
    modified: float = -math.inf


class Received(NamedTuple):
    """What a report holds."""

    told: list[Told]
    left_out: Counter[str]
    """What does not count, by why."""
    disputed: frozenset[str] = frozenset()
    """Names of indicators that trusted sources dispute."""
    revoked: frozenset[str] = frozenset()
    """Names of indicators that trusted sources took back: each its own."""
    versions: Sequence[Version] = ()
    """Newer versions than were known, of trusted sources' objects that are not looked for."""

    @property
    def withdrawn(self) -> frozenset[str]:
        """Return the names of the indicators that are disputed or were taken back."""
        return self.disputed | self.revoked


class Trust(NamedTuple):
    """Whom one listens to, with which keys, at which time."""

    community: Community
    sources: Sequence[str]
    """Names of senders; without any, everybody who has the community's key."""
    now: float
    known: Mapping[_Name, float] = MappingProxyType({})
    """When the newest versions that were told before were modified, by their source and id."""


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
    left_out, wrong = Counter[str](), Counter[str]()
    kinds = by_type(objects, wrong)
    names = _named(valid(kinds["identity"], Identity, wrong), trust)
    opinions = _newest(valid(kinds["opinion"], Opinion, wrong), names, trust, left_out)
    indicators = _newest(valid(kinds["indicator"], Indicator, wrong), names, trust, left_out)
    disputes = _disputes(opinions, trust)
    disputed = {one.id: one.source for one in disputes}
    told, usable = dict[str, Told](), set[_Name]()
    for (source, name), made in indicators.items():
        found = _usable(made, source, trust, disputed)
        if isinstance(found, str):
            left_out[found] += 1
            continue
        usable.add((source, name))
        if told.setdefault(name, found) is not found:
            left_out["under a name that another sender gave"] += 1
    if wrong and not (told or left_out or disputes):
        raise StoreError(next(iter(wrong)))
    newer = [*_newer(indicators, trust), *_newer(opinions, trust)]
    return _bounded(
        told.values(),
        disputes,
        [one for one in newer if (one.source, one.id) not in usable],
        left_out + wrong,
    )


def _bounded(
    told: Iterable[Told],
    disputes: Iterable[Version],
    versions: Iterable[Version],
    left_out: Counter[str],
) -> Received:
    """Return what was found: of each source no more than its share.

    What is beyond it stays as it was: its newer version is not remembered.
    """
    kept, beyond = newest(told, MOST_TOLD)
    disputed, beyond_disputed = newest(disputes, MOST_TOLD)
    noted, beyond_noted = newest(versions, MOST_TOLD)
    for what, more in (
        ("by", beyond), ("disputed by", beyond_disputed), ("not looked for, by", beyond_noted)
    ):  # fmt: skip
        for source, count in more.items():
            left_out[f"{what} {source}, beyond its share of {MOST_TOLD:,}"] += count
    most = Counter(dict(left_out.most_common(_REASONS)))
    if others := left_out.total() - most.total():
        most["for other reasons"] = others
    revoked = frozenset(
        one.id for one in noted if one.modified == math.inf and one.id.startswith(_INDICATOR)
    )
    return Received(kept, most, frozenset(one.id for one in disputed), revoked, noted)


def _newest(
    made: Iterable[_Made], names: Mapping[str, str], trust: Trust, left_out: Counter[str]
) -> dict[_Name, _Made]:
    """Return the newest version of each object that is not older than a known one; count the
    others. Of those of one moment the last is the newest.
    """
    found = dict[_Name, _Made]()
    for at, one in enumerate(made):
        key = names.get(one.created_by_ref, one.created_by_ref), one.id or f"without an id: {at}"
        modified = modified_at(one)
        if trust.now + _AHEAD < modified < math.inf:
            left_out["modified in the future"] += 1
            continue
        before = found.get(key)
        known = trust.known.get(key, -math.inf) if before is None else modified_at(before)
        if modified < known or (before is not None and known < modified):
            left_out["older than another version"] += 1
        if modified >= known:
            found[key] = one
    return found


def _named(identities: Sequence[Identity], trust: Trust) -> dict[str, str]:
    """Return the names of identities: of one that has several a trusted one, or else the first.

    Anybody may write an identity with another's id; that is not to silence whose it is.
    """
    names: dict[str, str] = {}
    for one in identities:
        if not _trusted(names.setdefault(one.id, one.name), trust) and _trusted(one.name, trust):
            names[one.id] = one.name
    return names


def _usable(made: Indicator, source: str, trust: Trust, disputed: Mapping[str, str]) -> Told | str:
    """Return an indicator to look for, or why it is not looked for."""
    until = min(made.valid_until.timestamp(), made.valid_from.timestamp() + LONGEST_DAYS * DAY)
    if made.extensions.ours is None:
        return "of another kind"
    if not _trusted(source, trust):
        return f"by {source}, who is not trusted"
    if made.revoked or not made.valid_from.timestamp() <= trust.now < until:
        return "not valid now"
    if "benign" in made.indicator_types:
        return "said to be benign"
    if made.id in disputed:
        return f"disputed by {disputed[made.id]}"
    return _comparable(made, source, made.extensions.ours, until, trust)


def _comparable(
    made: Indicator, source: str, told: Extension, until: float, trust: Trust
) -> Told | str:
    key = next((key for key in trust.community.accepted(trust.now) if key.id == told.key), None)
    if key is None:
        return "under a key that is not accepted"
    if told.normaliser != NORMALISER:
        return "of another normaliser"
    return Told(made.id, source, key, frozenset(told.lines), until, modified_at(made))


def _disputes(opinions: Mapping[_Name, Opinion], trust: Trust) -> list[Version]:
    """Return what trusted sources dispute."""
    found = {
        (source, name): Version(source, name, modified_at(made))
        for (source, _), made in opinions.items()
        if _trusted(source, trust) and made.opinion in _DISPUTES and not made.revoked
        for name in made.object_refs
        if name.startswith(_INDICATOR)
    }
    return list(found.values())


def _newer(objects: Mapping[_Name, Indicator | Opinion], trust: Trust) -> Iterator[Version]:
    """Yield the versions of trusted sources' objects that are newer than what was known."""
    for (source, name), made in objects.items():
        at, known = modified_at(made), trust.known.get((source, name), -math.inf)
        if made.id and _trusted(source, trust) and known < at:
            yield Version(source, name, at)


def _trusted(source: str, trust: Trust) -> bool:
    return not trust.sources or source in trust.sources

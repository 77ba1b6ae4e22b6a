"""Between a state's parts and a store's records: keys, layouts, what to write and what to take."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from distillgate.durable.changed import Kept, Parts
from distillgate.errors import StoreError
from distillgate.stores.codec import Codec, Layout, encode, layouts
from distillgate.stores.store import Change, DamagedError, Store, Stored

_LAYOUTS = "layouts"


class Loaded(NamedTuple):
    """What came of a load."""

    records: int = 0
    damaged: int = 0
    """Records, or parts of the file, that could not be read."""
    outdated: bool = False
    """The file was of other layouts: it is to be written anew."""


def changes(name: str, part: Kept[Any], keys: Iterable[Any]) -> Iterator[Change]:
    """Give some of a part's records as they are now."""
    for key, value in part.dump(keys):
        yield Change(name, _stored(key), None if value is None else encode(value))


def everything(parts: Parts) -> Iterator[Change]:
    """Give every record there is."""
    for name, part in parts.items():
        kept = sorted(part.kept())  # in their order in the file, which is written the faster
        yield from (one for one in changes(name, part, kept) if one.data is not None)


def facts(parts: Parts) -> dict[str, str]:
    """Say how everything is laid out."""
    ours = {
        "classes": {str(code): layout for code, layout in layouts().items()},
        "parts": {name: part.layout for name, part in parts.items()},
    }
    return {_LAYOUTS: msgspec.json.encode(ours, order="sorted").decode()}


def load(store: Store, parts: Parts) -> Loaded:
    """Take up what a store has; what it has no use for any more is deleted there.

    A damaged record is left out, and of a file that is damaged the rest.
    """
    ours = facts(parts)[_LAYOUTS]
    noted = store.fact(_LAYOUTS, ours)
    written = msgspec.json.decode(noted, type=_Layouts)
    codec = Codec({int(code): layout for code, layout in written.classes.items()})
    records = damaged = 0
    for name, part in parts.items():
        part.changed.take()
        if written.parts.get(name) != part.layout:
            continue
        found: list[tuple[Any, Any]] = []
        try:
            for key, data in store.read(name):
                try:
                    value = codec.decode(data)
                except StoreError:
                    damaged += 1
                    continue
                if value is not None:
                    found.append((_key(key), value))
        except DamagedError:
            damaged += 1
        try:
            part.load(found)
        except (AttributeError, LookupError, TypeError, ValueError):
            damaged += 1  # of another meaning than its layout tells
        else:
            records += len(found)
    loaded = Loaded(records, damaged, outdated=noted != ours)
    if not damaged and not loaded.outdated:
        _sweep(store, parts)
    return loaded


class _Layouts(msgspec.Struct):
    classes: dict[str, Layout]
    parts: dict[str, str]


def _sweep(store: Store, parts: Parts) -> None:
    """Delete the records that were not taken up: what they refer to is gone, or there is no room.

    What was taken up counts as changed by then, and is not: it came from there.
    """
    gone = []
    for name, part in parts.items():
        noted = part.changed.take()
        gone += [
            Change(name, _stored(key), None) for key, value in part.dump(noted) if value is None
        ]
    if gone:
        store.write(gone)


def _stored(key: Any) -> Stored:
    if isinstance(key, str):
        return key
    if isinstance(key, tuple):
        return b"".join(int(part).to_bytes(8) for part in key)
    return int(key).to_bytes(8)


def _key(stored: Stored) -> Any:
    if isinstance(stored, str):
        return stored
    if len(stored) == 8:
        return int.from_bytes(stored)
    return int.from_bytes(stored[:8]), int.from_bytes(stored[8:])

"""Keys and values cross between a state and a file unchanged."""

from pathlib import Path
from typing import Any

import pytest

from distillgate.durable.changed import Lookup
from distillgate.durable.single import Single
from distillgate.stores.records import changes, everything, facts, load
from distillgate.stores.sqlite import SqliteStore

ENTRIES: list[dict[Any, Any]] = [{"name": 1}, {2**64 - 1: (2, "x")}, {(1, 2**63): None}]


@pytest.mark.parametrize("entries", ENTRIES)
def test_keys_of_every_kind_come_back(tmp_path: Path, entries: dict[Any, Any]) -> None:
    lookup: Lookup[Any] = Lookup(entries)
    store = SqliteStore(tmp_path / "state.db", b"key")
    store.open()
    store.rewrite(everything({"part": lookup}), facts({"part": lookup}))
    again: Lookup[Any] = Lookup({})
    loaded = load(store, {"part": again})
    store.close()

    assert again.entries == entries
    assert (loaded.records, loaded.damaged, loaded.outdated) == (1, 0, False)


def test_what_is_gone_is_a_change_without_data() -> None:
    lookup: Lookup[Any] = Lookup({"a": 1})
    found = {change.key: change.data for change in changes("part", lookup, ["a", "b"])}

    assert found["b"] is None
    assert found["a"]


def test_a_part_of_another_layout_is_not_taken_up(tmp_path: Path) -> None:
    old: Lookup[str] = Lookup({"a": 1})
    new: Lookup[str] = Lookup({})
    new.layout = "entries of another kind"
    store = SqliteStore(tmp_path / "state.db", b"key")
    store.open()
    store.rewrite(everything({"part": old}), facts({"part": old}))
    loaded = load(store, {"part": new})
    store.close()

    assert new.entries == {}
    assert loaded.outdated


def test_a_part_that_makes_no_sense_of_its_records_stops_no_other(tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise ValueError("too many values")

    taken: list[object] = []
    parts = {"odd": Single(lambda: (1, 2), refuse), "even": Single(lambda: 3, taken.append)}
    store = SqliteStore(tmp_path / "state.db", b"key")
    store.open()
    store.rewrite(everything(parts), facts(parts))
    loaded = load(store, parts)
    store.close()

    assert taken == [3]
    assert (loaded.records, loaded.damaged) == (1, 1)

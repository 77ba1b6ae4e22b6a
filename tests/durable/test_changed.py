from distillgate.durable.changed import Changed, Lookup


def test_nothing_is_noted_until_somebody_asks() -> None:
    changed: Changed[str] = Changed()
    changed.add("before")
    assert not changed.watched
    assert changed.take() == set()

    changed.add("a")
    changed.update(("b", "a"))
    assert changed.watched
    assert changed.take() == {"a", "b"}
    assert changed.take() == set()


def test_a_dicts_entries_are_its_records_none_among_them() -> None:
    entries = {1: "one", 2: None}
    lookup: Lookup[int] = Lookup(entries)
    told = dict(lookup.dump([1, 2, 3]))
    other: Lookup[int] = Lookup({})
    other.load((key, value) for key, value in told.items() if value is not None)

    assert lookup.kept() == [1, 2]
    assert told[3] is None
    assert other.entries == entries

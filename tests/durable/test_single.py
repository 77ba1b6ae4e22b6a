from distillgate.durable.single import Single


def test_its_one_record_may_always_have_changed() -> None:
    taken: list[object] = []
    single = Single(lambda: (1, "a"), taken.append)

    assert single.changed.take() == {""} == single.changed.take()
    assert list(single.kept()) == [""]
    single.load(single.dump([""]))
    assert taken == [(1, "a")]

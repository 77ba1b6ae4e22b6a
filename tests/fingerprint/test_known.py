from distillgate.fingerprint.known import KnownContent


def test_what_was_noted_is_known() -> None:
    known = KnownContent()
    known.note([7 << 40 | 3, 9 << 40 | 4])

    assert 7 << 40 | 3 in known
    assert 8 << 40 | 3 not in known


def test_what_was_overwritten_is_new_again() -> None:
    known = KnownContent()
    first, second = 7 << 40 | 3, 8 << 40 | 3
    known.note([first])
    known.note([second])

    assert first not in known
    assert second in known

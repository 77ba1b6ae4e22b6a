from distillgate.policy.keyed_random import KeyedRandom


def test_a_share_is_drawn_by_name_and_key() -> None:
    draw, other = KeyedRandom(b"key"), KeyedRandom(b"another")

    assert draw.share("a", 1) == KeyedRandom(b"key").share("a", 1)
    assert (
        len({draw.share("a", 1), draw.share("a", 2), draw.share("b", 1), other.share("a", 1)}) == 4
    )


def test_shares_are_even() -> None:
    draw = KeyedRandom(b"key")
    shares = [draw.share(i) for i in range(4000)]

    assert all(0.0 <= share < 1.0 for share in shares)
    for tenth in range(10):
        assert 320 < sum(int(share * 10) == tenth for share in shares) < 480


def test_no_name_breaks_it() -> None:
    assert 0.0 <= KeyedRandom(b"k" * 200).share("\ud800", "", None) < 1.0

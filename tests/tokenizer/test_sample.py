"""Estimates from a part of a text."""

from distillgate.tokenizer.sample import PROBE, estimate


class Characters:
    """An encoder of four characters a token that remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def count(self, text: str) -> int:
        self.seen.append(text)
        return -(-len(text) // 4)


def test_a_text_within_the_budget_is_counted_whole() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 700, "b" * 300], 1024) == 175 + 75
    assert encoder.seen == ["a" * 700, "b" * 300]


def test_no_more_than_the_budget_is_read() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 1_000_000], 8192) == 250_000
    assert sum(map(len, encoder.seen)) == 8192


def test_the_probes_are_spread_over_all_texts_by_their_length() -> None:
    encoder = Characters()
    texts = ["a" * 40_000, "b" * 40_000, "c" * 120_000]

    estimate(encoder, texts, 10 * PROBE)

    assert [piece[0] for piece in encoder.seen] == list("aabbcccccc")


def test_a_budget_below_one_probe_still_reads_one() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 10_000], 1) == 2500
    assert len(encoder.seen) == 1


def test_short_texts_between_long_ones_do_not_upset_the_walk() -> None:
    encoder = Characters()
    texts = ["a" * 5000, *["b"] * 3000, "c" * 5000, "d"]

    assert abs(estimate(encoder, texts, 4 * PROBE) - 13_001 / 4) < 500

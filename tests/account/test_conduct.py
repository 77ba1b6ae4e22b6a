import sys

import pytest

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.windows import DAY, HOUR


def test_a_share_is_counted_with_its_dates() -> None:
    conduct = Conduct(1000.0, 30)
    for number, hit in enumerate((False, True, False, True)):
        conduct.count(Trait.TOOLS, hit, 1000.0 + number * HOUR)

    found = conduct.tally(Trait.TOOLS, 1000.0 + DAY / 2)

    assert found is not None
    assert (found.hits, found.trials, found.share) == (2, 4, 0.5)
    assert (found.since, found.until) == (1000.0 + HOUR, 1000.0 + 4 * HOUR)
    assert conduct.tally(Trait.FOREIGN, 1000.0) is None


def test_counts_fade_by_half_in_a_half_life_whether_used_or_not() -> None:
    idle, used = Conduct(0.0, 30), Conduct(0.0, 30)
    for conduct in (idle, used):
        for _ in range(64):
            conduct.count(Trait.TOOLS, True, 0.0)
    used.fade(30)
    used.words[Word.DAY] = 30

    for conduct in (idle, used):
        found = conduct.tally(Trait.TOOLS, 30 * DAY)
        assert found is not None
        assert found.hits == pytest.approx(32)


def test_a_count_never_runs_over() -> None:
    conduct = Conduct(0.0, 30)
    conduct.words[1] = 2**32 - 2
    conduct.count(Trait(0), True, 1e12)
    conduct.add(Word.TOKENS, 2**40)

    assert conduct.words[1] == conduct.words[Word.TOKENS] == 2**32 - 1


def test_different_things_are_counted_about_right() -> None:
    conduct = Conduct(0.0, 30)
    new = [conduct.mark(Word.NETWORKS, 2, number % 30 * 0x9E3779B97F4A7C15) for number in range(90)]

    assert sum(new) == conduct.marked(Word.NETWORKS, 2) <= 30
    assert conduct.different(Word.NETWORKS, 2) == pytest.approx(30, rel=0.35)
    conduct.clear(((Word.NETWORKS, 2),))
    assert conduct.different(Word.NETWORKS, 2) == 0


def test_no_word_shares_a_place_with_another() -> None:
    places = [3 * trait for trait in Trait] + list(Word)
    assert len(set(places)) == len(places)
    assert len(Conduct(0.0, 30).words) == Word.END


def test_it_is_small() -> None:
    conduct = Conduct(0.0, 30)
    assert sys.getsizeof(conduct) + sys.getsizeof(conduct.words) < 460

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.releases import Releases, learn_pivot
from distillgate.account.windows import DAY, HOUR


def answered(releases: Releases, model: str, at: float, principals: int = 8) -> bool:
    """Have a model answer so many principals; say whether it is a release to the last of them."""
    return [releases.learn(model, principal, at) for principal in range(principals)][-1] is not None


def test_a_model_that_many_take_up_is_a_release_for_a_day() -> None:
    releases = Releases()
    assert not answered(releases, "old", 0.0)

    assert answered(releases, "new", 8 * DAY)
    assert answered(releases, "new", 8 * DAY + 23 * HOUR)
    assert not answered(releases, "new", 8 * DAY + 25 * HOUR)
    assert releases.newest(8 * DAY + 25 * HOUR) is None


def test_what_a_gate_meets_in_its_first_week_is_no_release() -> None:
    releases = Releases()
    answered(releases, "old", 0.0)
    assert not answered(releases, "other", 3 * DAY)


def test_one_firms_own_model_is_no_release() -> None:
    releases = Releases()
    answered(releases, "old", 0.0)
    assert not answered(releases, "tuned", 8 * DAY, principals=2)


def test_models_are_bounded() -> None:
    releases = Releases(max_models=2)
    for number in range(9):
        answered(releases, f"m-{number}", 0.0)
    assert len(releases._models) == 2


def test_a_pivot_is_counted_from_its_release() -> None:
    releases, conduct = Releases(), Conduct(0.0, 30)
    answered(releases, "old", 0.0)
    answered(releases, "new", 8 * DAY)
    for number, mine in enumerate((False, True, True, True)):
        newest = releases.newest(8 * DAY + HOUR)
        assert newest is not None
        learn_pivot(conduct, 50 + number, newest, mine, 8 * DAY + HOUR)

    found = conduct.tally(Trait.MOVED, 8 * DAY + HOUR)
    assert found is not None
    assert found.share == 0.75
    assert conduct.words[Word.BEFORE] == 50

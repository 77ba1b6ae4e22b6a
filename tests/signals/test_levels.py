from distillgate.signals.levels import Level, level_llr

HONEST, HARVEST = Level(mean=2, sd=1.5), Level(mean=5, sd=1.5)


def test_an_amount_says_nothing_up_to_the_honest_mean_and_no_more_past_the_other() -> None:
    weighed = [level_llr(amount, HONEST, HARVEST, 3.0) for amount in (0, 4, 16, 32, 10_000)]

    assert weighed[:2] == [0.0, 0.0]
    assert 0.0 < weighed[2] < weighed[3] == weighed[4]

from distillgate.signals.levels import Level, LevelSettings, level_llr

AMOUNT = LevelSettings(honest=Level(mean=2, sd=1.5), harvest=Level(mean=5, sd=1.5), ceiling=3.0)


def test_an_amount_says_nothing_up_to_the_honest_mean_and_no_more_past_the_other() -> None:
    weighed = [level_llr(amount, AMOUNT) for amount in (0, 4, 16, 32, 10_000)]

    assert weighed[:2] == [0.0, 0.0]
    assert 0.0 < weighed[2] < weighed[3] == weighed[4]

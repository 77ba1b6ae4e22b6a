from distillgate_lab.demo.dice import dice


def test_the_same_names_fall_alike_in_every_process_and_others_do_not() -> None:
    assert dice("a", 1).random() == dice("a", 1).random()
    assert dice("a", 1).random() != dice("a", 2).random()
    # A string seed does not go through the randomised `hash`.
    assert dice("play").randrange(10**6) == 362_047

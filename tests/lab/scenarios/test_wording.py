import random

from distillgate_lab.scenarios.wording import choices, sentences


def test_a_sentence_is_one_choice_a_place_and_sentences_keep_their_order() -> None:
    found = choices("\nGo|Walk\nhome|away\n\nThen rest\n")
    drawn = {tuple(sentences(found, random.Random(seed))) for seed in range(30)}

    assert drawn == {
        (f"{verb} {place}.", "Then rest.") for verb in ("Go", "Walk") for place in ("home", "away")
    }

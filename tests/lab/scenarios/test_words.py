import pytest

from distillgate_lab.scenarios.words import Retelling, Vocabulary, retell

COMMON = "there would have been something about other people"


@pytest.fixture
def vocabulary() -> Vocabulary:
    texts = [f"{COMMON} garden flower planting watering soils shovels" for _ in range(5)]
    texts += [f"{COMMON} engine piston braking steering wheels gearbox" for _ in range(5)]
    return Vocabulary(texts * 3, common=len(COMMON.split()))


def test_a_retold_text_keeps_its_manner_and_changes_its_subject(vocabulary: Vocabulary) -> None:
    said = retell(vocabulary, ["Would there have been planting?"], "braking and steering", "s")[0]

    assert said.startswith("Would there have been ")
    assert said.endswith("?")


def test_the_same_word_becomes_the_same_word_throughout(vocabulary: Vocabulary) -> None:
    said = Retelling(vocabulary, "engine piston wheels gearbox", "seed")

    assert said.say("flower") == said.say("flower")
    assert said.say("FLOWER soils") == said.say("FLOWER soils")


def test_retelling_is_the_same_every_time(vocabulary: Vocabulary) -> None:
    texts = ["flower planting watering soils shovels garden"]

    assert retell(vocabulary, texts, "engine", "1") == retell(vocabulary, texts, "engine", "1")
    assert retell(vocabulary, texts, "engine", "1") != retell(vocabulary, texts, "engine", "2")


def test_fixed_lines_stay(vocabulary: Vocabulary) -> None:
    said = Retelling(vocabulary, "engine piston braking", "seed").say(
        "flower planting 123456\nwatering soils shovels 654321",
        frozenset({"flower planting 123456"}),
    )

    first, second = said.split("\n")
    assert first == "flower planting 123456"
    assert second != "watering soils shovels 654321"


def test_a_sentence_of_common_words_alone_does_not_stay_as_it_is(vocabulary: Vocabulary) -> None:
    assert Retelling(vocabulary, "", "seed").say(COMMON) != COMMON

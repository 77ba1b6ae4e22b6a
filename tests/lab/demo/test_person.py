import re
from collections import Counter

from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.fields import FIELDS
from distillgate_lab.demo.person import Person, manner, name, subject


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def test_a_person_writes_the_same_again_with_the_same_dice() -> None:
    first, second = Person(dice("anna")), Person(dice("anna"))

    assert [first.message() for _ in range(5)] == [second.message() for _ in range(5)]


def test_a_person_comes_back_to_their_own_things_and_others_have_others() -> None:
    anna, boris = Person(dice("anna"), rambling=0.0), Person(dice("boris"), rambling=0.0)
    of_anna = Counter(_words(" ".join(anna.message() for _ in range(40))))
    of_boris = Counter(_words(" ".join(boris.message() for _ in range(40))))
    private = [noun.lower() for noun in anna.own.nouns[-2:]]

    assert all(of_anna[noun] > 2 and of_boris[noun] == 0 for noun in private)


def test_a_rambling_person_also_writes_about_other_things() -> None:
    person = Person(dice("carla"), rambling=1.0)
    person.message()

    assert person.about != person.own


def test_no_message_is_ever_empty_or_left_with_a_gap() -> None:
    for number in range(60):
        person = Person(dice("crowd", number))
        for text in (person.message(), person.passage(3)):
            assert len(text) > 10
            assert not re.search(r"[{}]", text)


def test_people_differ_in_manner() -> None:
    manners = {manner(dice("manner", number)) for number in range(50)}

    assert len(manners) == 50
    assert {m.opener != "" for m in manners} == {True, False}


def test_a_subject_of_one_field_stays_in_it() -> None:
    about = subject(dice("depot"), FIELDS[-1:])

    assert set(about.verbs) <= set(FIELDS[-1].verbs)
    assert len(set(about.nouns) & set(FIELDS[-1].nouns)) >= 8


def test_a_coined_name_is_one_capitalised_word() -> None:
    assert re.fullmatch(r"[A-Z][a-z]+", name(dice("name"), 3))

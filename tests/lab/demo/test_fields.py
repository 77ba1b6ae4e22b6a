from distillgate_lab.demo.fields import FIELDS


def test_every_field_has_words_enough_to_draw_from_and_none_twice() -> None:
    assert len(FIELDS) == 20
    for field in FIELDS:
        assert len(set(field.nouns)) == len(field.nouns) == 12
        assert len(set(field.verbs)) == len(field.verbs) == 6
        assert len(set(field.adjectives)) == len(field.adjectives) == 5


def test_no_two_fields_are_about_the_same_things() -> None:
    nouns = [noun for field in FIELDS for noun in field.nouns]
    twice = {noun for noun in nouns if nouns.count(noun) > 1}

    assert len(twice) <= 2

from distillgate_lab.scenarios.grammar import Grammar


def test_texts_are_the_same_every_time_and_subjects_share_no_words() -> None:
    grammar, again = Grammar("x", subjects=40), Grammar("x", subjects=40)

    assert [grammar.exercise() for _ in range(5)] == [again.exercise() for _ in range(5)]
    nouns = [set(subject.noun) for subject in grammar.subjects]
    shared = sum(len(a & b) for i, a in enumerate(nouns) for b in nouns[:i])
    assert shared < sum(map(len, nouns)) / 10


def test_people_differ_in_manner_and_a_list_does_not() -> None:
    grammar = Grammar("y")
    lengths = {
        len(grammar.message(grammar.subjects[0], manner)) // 100
        for manner in (grammar.manner() for _ in range(40))
    }

    assert len(lengths) > 3
    assert all(text.startswith("A ") for text in (grammar.exercise() for _ in range(20)))

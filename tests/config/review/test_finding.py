"""The nearest right thing."""

from distillgate.config.review.finding import nearest


def test_a_hint_names_what_is_most_alike_or_nothing() -> None:
    assert nearest("reserch", ["pro", "research"]) == "; did you mean `research`?"
    assert nearest("xyz", ["pro", "research"]) == ""

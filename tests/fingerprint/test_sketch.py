import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch, sketch

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


def sketched(text: str) -> Sketch:
    found = sketch(text.encode("utf-8", "surrogatepass"))
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["", "   \n\t", "?!... --- ***", "\x00", " " * 10_000_000])
def test_a_text_without_words_is_no_evidence(text: str) -> None:
    assert sketch(text.encode()) is None


@given(ANY_TEXT)
def test_any_text_gives_finite_values_or_none(text: str) -> None:
    found = sketch(text.encode("utf-8", "surrogatepass"))
    if found is None:
        return
    assert found.topic.shape == (TOPIC,)
    assert found.style.shape == (STYLE,)
    assert np.isfinite(found.topic).all()
    assert np.isfinite(found.style).all()
    length = float(np.linalg.norm(found.topic))
    assert length == pytest.approx(1.0, abs=1e-5) or length == 0.0


def test_a_topic_has_length_one() -> None:
    found = sketched("The committee will publish its findings on river pollution in March.")

    assert float(np.linalg.norm(found.topic)) == pytest.approx(1.0, abs=1e-6)


def test_a_topic_knows_neither_order_nor_case() -> None:
    one = sketched("glacier retreat observed alpine valley sediment")
    other = sketched("Sediment valley ALPINE observed Retreat glacier")

    assert one.topic == pytest.approx(other.topic, abs=1e-6)


def test_texts_on_one_subject_are_closer_than_texts_on_two() -> None:
    baking = sketched("Knead the sourdough and let the dough rise before baking the loaf").topic
    bread = sketched("Why does my sourdough loaf not rise after baking this dough").topic
    tax = sketched("Depreciation schedules for rental property under federal income taxation").topic

    assert float(baking @ bread) > float(baking @ tax) + 0.2


def test_grammar_weighs_less_than_subject() -> None:
    one = sketched("what is the of and to in it on as be glacier").topic
    other = sketched("how do you we he at an or if so no glacier").topic

    assert float(one @ other) > 0.7


def test_manner_survives_a_change_of_subject() -> None:
    careless = ["hey whats the best way 2 fix my bike lol", "hey why is my cat so sad 2day lol"]
    careful = [
        'Consider, if you will, the "mechanism" of inflation; what (precisely) drives it?',
        'Describe, in detail, the "structure" of a sonnet; how (exactly) does it turn?',
    ]
    a, b = (sketched(text).style for text in careless)
    c, d = (sketched(text).style for text in careful)

    within = float(np.linalg.norm(a - b) + np.linalg.norm(c - d)) / 2
    assert float(np.linalg.norm(a - c)) > 2 * within


def test_the_middle_of_a_long_text_is_not_read() -> None:
    head, tail = "alpha beta " * 400, " gamma delta" * 400
    one = sketched(head + "harvest " * 1_000_000 + tail)
    other = sketched(head + "12345 ,;:! " * 900_000 + tail)

    assert one.topic.tolist() == other.topic.tolist()
    assert one.style.tolist() == other.style.tolist()


def test_a_sketch_is_repeatable() -> None:
    text = "Summarise the attached minutes, please."

    assert sketched(text).topic.tolist() == sketched(text).topic.tolist()
    assert sketched(text).style.tolist() == sketched(text).style.tolist()

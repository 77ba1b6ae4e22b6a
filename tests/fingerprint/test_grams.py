from distillgate.fingerprint.grams import KEPT, grams
from distillgate.fingerprint.words import words

TEXT = b"The harbour master counted forty barges before noon, and nobody asked him why he did."


def sampled(text: bytes, key: int = 1) -> set[bytes]:
    found = grams(words(text), key)
    return {found[at : at + 8] for at in range(0, len(found), 8)}


def test_a_sample_is_small_and_the_same_every_time() -> None:
    assert sampled(TEXT) == sampled(TEXT.upper())
    assert len(sampled(TEXT)) == KEPT


def test_the_sample_of_a_longer_text_agrees_with_its_parts() -> None:
    whole = sampled(TEXT + b" " + b"Nothing else was said about barges that day.")

    assert whole & sampled(TEXT)
    assert not sampled(TEXT) & sampled(b"Quite another story is told of the miller's third son.")


def test_under_another_key_nothing_can_be_compared() -> None:
    assert not sampled(TEXT, 1) & sampled(TEXT, 2)


def test_few_words_make_one_and_none_make_none() -> None:
    assert len(sampled(b"barges")) == len(sampled(b"two barges")) == 1
    assert sampled(b"barges") != sampled(b"harbours")
    assert sampled(b"") == sampled(b" ?! ") == set()

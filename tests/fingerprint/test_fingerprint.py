from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.fingerprint import Fingerprint, Fingerprinter
from distillgate.wire.request import from_document

RULES = "You are the clerk of a small museum. Answer in two sentences."


def read(
    newest: str, system: str = "", *, by: Fingerprinter | None = None, **fields: Any
) -> Fingerprint:
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": newest})
    request = from_document(CHAT, {"model": "m", "messages": messages} | fields)
    reader = by or Fingerprinter(1)
    return reader.read(request, reader.cut(request, 1, (), settled=False))


def test_instructions_and_newest_turn_are_read_apart() -> None:
    found = read("When does the museum open on Sundays?", RULES)

    assert len(found.pieces.system.spans) == 2
    assert found.pieces.turn.text == b"When does the museum open on Sundays?"
    assert not found.pieces.news.continues


def test_a_known_system_prompt_has_the_same_hashes_again() -> None:
    fingerprinter = Fingerprinter(1)

    first, second, third = (read("hello", RULES, by=fingerprinter) for _ in range(3))

    assert first.pieces.system.hashes == second.pieces.system.hashes == third.pieces.system.hashes


def test_asking_for_the_reasoning_counts_in_either_place_every_time() -> None:
    fingerprinter = Fingerprinter(1)

    for _ in range(2):
        assert read("hello", "Think step by step.", by=fingerprinter).elicits
        assert read("Think step by step.", RULES, by=fingerprinter).elicits
        assert not read("hello", RULES, by=fingerprinter).elicits


def test_hashes_are_keyed() -> None:
    one, other = (Fingerprinter(seed) for seed in (1, 2))

    assert one.hash("text") == one.hash("text") != other.hash("text")
    assert not set(read("hello", RULES, by=one).pieces.system.hashes) & set(
        read("hello", RULES, by=other).pieces.system.hashes
    )


def test_a_flood_of_system_prompts_does_not_change_what_is_read() -> None:
    fingerprinter = Fingerprinter(1, cached_instructions=4)
    before = read("hello", RULES, by=fingerprinter).pieces.system.hashes

    for i in range(50):
        read("hello", f"You are assistant {'x' * i} of the museum.", by=fingerprinter)

    assert read("hello", RULES, by=fingerprinter).pieces.system.hashes == before


def test_parameters_are_read() -> None:
    found = read("hello", logprobs=True, logit_bias={"7": 1}, max_tokens=1)

    assert found.probe is not None
    assert found.probe.tokens == (Fingerprinter(1).hash("7"),)
    assert found.shape != read("hello").shape


@pytest.mark.parametrize("text", ["", " " * 10_000_000, "words of a long text. " * 450_000])
def test_long_and_empty_texts_are_bounded(text: str) -> None:
    found = read(text, text)

    for cut in (found.pieces.system, found.pieces.turn):
        assert len(cut.spans) <= 64
        assert len(cut.text) <= 32 * 193


@given(
    st.text(st.characters(exclude_categories=()), max_size=200),
    st.text(st.characters(exclude_categories=()), max_size=200),
)
def test_any_text_is_read(newest: str, system: str) -> None:
    assert read(newest, system).pieces.news.texts <= 1


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def beside(text: str) -> Fingerprint:
    turn = {"role": "user", "content": [{"type": "text", "text": text}, PICTURE]}
    return read("", messages=[turn])


def test_a_few_words_are_a_template_beside_a_payload_and_nowhere_else() -> None:
    (known,) = beside("Do it.").pieces.turn.hashes

    assert beside("do IT. ").pieces.turn.hashes == (known,)
    assert beside("Do it.\u200b").pieces.turn.hashes == (known,)
    assert beside("Do that.").pieces.turn.hashes != (known,)
    assert read("Do it.").pieces.turn.hashes == ()
    assert beside("").pieces.turn.hashes == ()


def test_a_few_words_that_are_fixed_leave_nothing_of_the_turn() -> None:
    turn = beside(" Do it. ").pieces.turn

    assert turn.without(turn.hashes.__contains__) == b""

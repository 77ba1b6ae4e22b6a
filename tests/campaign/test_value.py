from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.observing import observe

from distillgate.account.windows import DAY
from distillgate.campaign.value import Value
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.fingerprint.intents import Intent
from distillgate.fingerprint.observation import Observation
from distillgate.fingerprint.worth import Worth
from distillgate.records import decoder, encode
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import from_document

TEXTS = [f"Tell the {n}th story of {n * 7} barges and {n * 13} bridges." for n in range(400)]


def seen(
    text: str = TEXTS[0], tokens: int | None = 100, worth: Worth | None = None, **answer: Any
) -> Observation:
    request = from_document(CHAT, {"model": "m", "messages": [{"role": "user", "content": text}]})
    found = observe(request, Outcome(status=200, completion_tokens=tokens, **answer))
    return replace(found, sent=replace(found.sent, worth=worth or Worth()))


def taken(*observations: Observation, resent: float = 1.0) -> float:
    value = Value.none()
    for one in observations:
        value.count(one, resent, 0.0)
    return value.taken


def test_new_work_counts_in_output_tokens() -> None:
    assert taken(*(seen(text) for text in TEXTS[:40])) == pytest.approx(4000, rel=0.1)


def test_without_a_usage_the_best_guess_counts() -> None:
    assert taken(seen(tokens=None, answer_chars=400)) == 100


def test_what_was_not_answered_brings_nothing() -> None:
    refused = replace(seen(), answer=replace(seen().answer, given=False))

    assert taken(refused) == 0


def test_what_others_of_the_group_sent_before_counts_less() -> None:
    first, again = seen(), seen(TEXTS[0])
    value = Value.none()
    value.count(first, 1.0, 0.0)

    counts = [value.count(again, 1.0, 0.0) for _ in range(60)]

    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == pytest.approx(30)


def test_the_same_prompt_again_is_worth_half_and_nothing_where_the_answer_is_certain() -> None:
    assert taken(seen(worth=Worth(repeats=True))) == 50
    assert taken(seen(worth=Worth(repeats=True, certain=True))) == 0
    assert taken(seen(worth=Worth(certain=True))) == 100


def test_a_monitor_that_asks_the_same_for_months_takes_little() -> None:
    again = seen(worth=Worth(repeats=True))

    assert taken(again, resent=8.0) == 50
    assert taken(again, resent=80.0) == 5


def test_a_person_who_goes_on_takes_half_and_a_program_all() -> None:
    replies = seen(worth=Worth(replies=True))
    asks = replace(replies, own=replace(replies.own, kinds=Intent.REASONING))
    constant = replace(replies, own=replace(replies.own, hash=None, grams=b""))

    assert taken(replies) == 50
    assert taken(asks) == taken(constant) == 100


def test_vectors_and_probes_count_though_they_write_next_to_nothing() -> None:
    probe = seen(tokens=1, worth=Worth(probes=True))
    embedded = from_document(EMBEDDINGS, {"model": "m", "input": "barges"})
    one = observe(embedded, Outcome(status=200))
    packed = replace(one, others=tuple(range(40)))

    assert taken(probe) == 300
    assert taken(one) == 100
    assert taken(packed) == 1600


def test_an_answer_that_comes_late_counts_as_its_first() -> None:
    assert taken(replace(seen(worth=Worth(repeats=True)), retry=True)) == 100


def test_what_was_taken_fades_over_weeks() -> None:
    value = Value.none()
    value.count(seen(), 1.0, 0.0)
    value.count(seen(tokens=0), 1.0, 45 * DAY)

    assert value.taken == pytest.approx(50)


def test_empty_answers_make_nothing_look_known_or_small() -> None:
    plain, padded = Value.none(), Value.none()
    filler = seen("Say yes.", tokens=1)
    for text in TEXTS[:100]:
        plain.count(seen(text), 1.0, 0.0)
        padded.count(seen(text), 1.0, 0.0)
        for _ in range(5):
            padded.count(filler, 1.0, 0.0)

    assert padded.taken >= 0.9 * plain.taken
    assert padded.size >= 0.9 * plain.size


def test_two_groups_that_become_one_took_what_both_did() -> None:
    one, other = Value.none(), Value.none()
    for text in TEXTS[:10]:
        one.count(seen(text), 1.0, 0.0)
    for text in TEXTS[10:30]:
        other.count(seen(text), 1.0, 0.0)
    both = one.taken + other.taken

    one.absorb(other, 0.0)

    assert one.taken == pytest.approx(both)
    assert one.size == pytest.approx(100, rel=0.1)


def test_it_is_bounded_and_written_as_it_is() -> None:
    value = Value.none()
    for text in TEXTS:
        value.count(seen(text), 1.0, 0.0)

    written = encode(value)
    again = decoder(Value)(written)

    assert len(written) < 1200
    assert (again.taken, again.size) == (value.taken, value.size)
    assert again.grams == value.grams


WORTHS = st.builds(Worth, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4000), WORTHS), max_size=30))
def test_no_exchange_ever_takes_away_from_what_was_taken(
    steps: list[tuple[int, int, Worth]],
) -> None:
    value, before = Value.none(), 0.0
    for number, tokens, worth in steps:
        value.count(seen(TEXTS[number], tokens, worth), 1.0 + number, 0.0)
        assert value.taken >= before
        before = value.taken

from msgspec.structs import replace

from distillgate.fingerprint.principal import Principal, Returns, attempts, given
from distillgate.wire.exchange import Outcome
from distillgate.wire.message import Message

UNIT, SEED = 77, 1
ANSWER = "Suppose it were a fraction in lowest terms; then seventeen divides both of its parts."


def test_a_failed_request_is_known_for_a_moment() -> None:
    now = 1_000.0
    failed, _ = attempts(UNIT, SEED, 5, now)

    assert failed in attempts(UNIT, SEED, 5, now + 100.0)
    assert failed not in attempts(UNIT, SEED, 5, now + 400.0)
    assert failed not in attempts(UNIT, SEED, 6, now)


def test_an_answer_is_known_by_its_text_its_name_and_its_seals() -> None:
    marks = given(UNIT, SEED, Outcome(text=ANSWER, id="resp_1", references=("seal",)), 5)
    known = Principal(SEED ^ UNIT, marks)

    assert {known.seal("resp_1"), known.seal("seal")} < set(marks)
    assert Returns(replace(known, known=marks)).answer(known.answer(ANSWER), len(ANSWER))


def test_what_comes_back_is_no_longer_than_the_answer_was() -> None:
    marks = given(UNIT, SEED, Outcome(text=ANSWER, answer_chars=len(ANSWER)), 5)
    answer = Message("assistant", ANSWER)

    def back(size: int) -> bool:
        return Returns(Principal(SEED ^ UNIT, marks)).of(answer, size)

    assert [back(len(ANSWER)), back(len(ANSWER) + 40), back(3 * len(ANSWER))] == [True, True, False]


def test_an_answer_of_which_no_length_is_known_may_have_any() -> None:
    marks = given(UNIT, SEED, Outcome(), 5)
    principal = Principal(SEED ^ UNIT, marks)

    assert Returns(principal).answer(principal.state(5, b"answered\0"), 10**9)


def test_an_answer_of_one_principal_is_not_anothers() -> None:
    marks = given(UNIT, SEED, Outcome(text=ANSWER), 5)

    assert Returns(Principal(SEED ^ UNIT, marks)).of(Message("assistant", ANSWER), len(ANSWER))
    assert not Returns(Principal(SEED ^ UNIT + 1, marks)).of(
        Message("assistant", ANSWER), len(ANSWER)
    )

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

    assert set(marks) == {known.answer(ANSWER), known.seal("resp_1"), known.seal("seal")}


def test_an_answer_of_one_principal_is_not_anothers() -> None:
    marks = given(UNIT, SEED, Outcome(text=ANSWER), 5)

    assert Returns(Principal(SEED ^ UNIT, marks)).of(Message("assistant", ANSWER))
    assert not Returns(Principal(SEED ^ UNIT + 1, marks)).of(Message("assistant", ANSWER))

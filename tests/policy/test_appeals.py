"""Appeals: one a refusal, few an account, each with an end."""

from distillgate.policy.appeals import WAITING, Appeal, Appeals


def appeal(reference: str, account: str = "a", at: float = 0.0) -> Appeal:
    return Appeal(reference, account, at, at + 10.0, "why?")


def test_a_refusal_is_appealed_once_and_the_first_note_stands() -> None:
    held = Appeals()
    assert held.takes("dg-1", "a", 0.0)
    held.add(appeal("dg-1"))
    held.add(Appeal("dg-1", "a", 1.0, 11.0, "another"))

    assert not held.takes("dg-1", "a", 1.0)
    assert [one.note for one in held.waiting(1.0)] == ["why?"]


def test_an_account_may_wait_for_few_answers_at_once_and_others_are_not_in_its_way() -> None:
    held = Appeals()
    for number in range(WAITING):
        held.add(appeal(f"dg-{number}"))

    assert not held.takes("dg-9", "a", 1.0)
    assert held.takes("dg-9", "b", 1.0)
    held.answer("dg-0", "keep", "no", "anna", 2.0)
    assert held.takes("dg-9", "a", 2.0)
    found = held.of("dg-0", 3.0)
    assert found is not None
    assert (found.outcome, found.answer, found.by, found.answered_at) == ("keep", "no", "anna", 2.0)


def test_what_a_customer_wrote_is_gone_at_its_end_and_when_the_account_is_forgotten() -> None:
    held = Appeals()
    held.add(appeal("dg-1"))
    assert held.of("dg-1", 10.0) is None
    assert held.waiting(10.0) == []
    held.add(appeal("dg-2", "b", 10.0))
    assert [one.reference for one in held] == ["dg-2"]
    held.drop("b")
    assert len(held) == 0

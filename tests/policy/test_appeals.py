"""Appeals: one a refusal, few an account, each with an end."""

from distillgate.policy.appeals import MOST, WAITING, Appeal, Appeals


def appeal(reference: str, account: str = "a", at: float = 0.0, side: str = "") -> Appeal:
    return Appeal(reference, account, at, at + 10.0, "why?", side=side)


def test_a_refusal_is_appealed_once_and_the_first_note_stands() -> None:
    held = Appeals()
    assert held.takes(appeal("dg-1"))
    held.add(appeal("dg-1"))
    held.add(Appeal("dg-1", "a", 1.0, 11.0, "another"))

    assert not held.takes(appeal("dg-1", at=1.0))
    assert [one.note for one in held.waiting(1.0)] == ["why?"]


def test_an_account_may_wait_for_few_answers_at_once_and_others_are_not_in_its_way() -> None:
    held = Appeals()
    for number in range(WAITING):
        held.add(appeal(f"dg-{number}"))

    assert not held.takes(appeal("dg-9", at=1.0))
    assert held.takes(appeal("dg-9", "b", 1.0))
    held.answer("dg-0", "keep", "no", "anna", 2.0)
    assert held.takes(appeal("dg-9", at=2.0))
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


def test_a_campaign_that_fills_the_queue_makes_room_and_takes_one_turn() -> None:
    held = Appeals()
    for number in range(MOST):
        held.add(appeal(f"dg-{number}", f"bot-{number}", number / MOST, "g-1"))
    assert not held.takes(appeal("dg-x", "bot-x", 1.0, "g-1"))

    for name, side in (("honest", ""), ("staff", "organisation acme")):
        late = appeal(f"dg-{name}", name, 1.0, side)
        assert held.takes(late)
        held.add(late)
    held.add(appeal("dg-x", "bot-x", 1.0, "g-1"))

    assert len(held) == MOST
    assert [one.account for one in held.waiting(1.0)[:4]] == ["bot-0", "honest", "staff", "bot-1"]
    assert held.of("dg-x", 1.0) is None
    assert held.of(f"dg-{MOST - 1}", 1.0) is None


def test_a_customer_alone_takes_nobody_elses_place() -> None:
    held = Appeals()
    for number in range(MOST):
        held.add(appeal(f"dg-{number}", f"a-{number}"))

    assert not held.takes(appeal("dg-x", "another"))
    held.add(appeal("dg-x", "another"))
    assert held.of("dg-x", 0.0) is None
    assert held.takes(appeal("dg-y", "another", 10.0))
    held.add(appeal("dg-y", "another", 10.0))
    assert [one.reference for one in held] == ["dg-y"]

"""The latest exchanges, by reference, by account, and of the last hour by cause."""

from distillgate.actions.effect import Effect
from distillgate.governance.outcomes import KEPT, PLAIN, Outcomes
from distillgate.policy.decision import Action, Decision

HELD = Decision("a-1", Action.THROTTLE)
WAIT = Effect("dg-1", "ref-12345678", "throttled", "suspicion", 429, 12.0)


def test_an_exchange_is_found_by_either_reference() -> None:
    outcomes = Outcomes()
    outcomes.note(HELD, WAIT, 5.0)
    outcomes.note(HELD, WAIT._replace(reference="dg-2"), 6.0)

    first, latest = outcomes.find("dg-1"), outcomes.find("ref-12345678")
    assert first is not None
    assert first.at == 5.0
    assert latest is not None
    assert latest.effect.reference == "dg-2"
    assert outcomes.find("dg-3") is None


def test_an_accounts_exchanges_come_newest_first() -> None:
    outcomes = Outcomes()
    for number in range(4):
        decision = Decision(f"a-{number % 2}", Action.THROTTLE)
        outcomes.note(decision, WAIT._replace(reference=f"dg-{number}"), float(number))

    assert [one.effect.reference for one in outcomes.of_account("a-1")] == ["dg-3", "dg-1"]
    assert [one.effect.reference for one in outcomes.of_account("a-1", most=1)] == ["dg-3"]


def test_the_last_hour_is_counted_by_result_and_cause() -> None:
    outcomes = Outcomes()
    outcomes.note(HELD, WAIT, 0.0)
    for minute in (58, 59, 60):
        outcomes.note(HELD, WAIT._replace(cause="budget"), 60.0 * minute)

    assert outcomes.last_hour(60.0 * 60) == [
        {"result": "throttled", "cause": "budget", "exchanges": 3}
    ]
    assert outcomes.last_hour(60.0 * 200) == []


def test_the_oldest_goes_where_there_are_too_many() -> None:
    outcomes = Outcomes()
    for number in range(KEPT + 1):
        outcomes.note(HELD, WAIT._replace(reference=f"dg-{number}"), 0.0)

    assert outcomes.find("dg-0") is None
    assert outcomes.find("dg-1") is not None


def test_an_answer_that_nobody_touched_is_found_by_any_of_its_three_names() -> None:
    outcomes = Outcomes()
    plain = Effect("dg-7", "ticket-4711", status=200, upstream_reference="req_00000007")
    outcomes.let_in(Decision("a-1", Action.ALLOW), plain, 5.0)

    found = [outcomes.find(name) for name in ("dg-7", "ticket-4711", "req_00000007")]
    assert [one is not None and one.effect == plain for one in found] == [True] * 3
    assert outcomes.find("") is None
    assert outcomes.of_account("a-1") == []

    for number in range(PLAIN):
        outcomes.let_in(HELD, Effect(f"dg-more-{number}"), 6.0)
    assert outcomes.find("req_00000007") is None
    assert outcomes.find("dg-more-0") is not None


def test_what_an_account_got_is_forgotten_with_it() -> None:
    outcomes = Outcomes()
    for account in ("a-1", "a-2"):
        outcomes.note(
            Decision(account, Action.THROTTLE), WAIT._replace(reference=f"dg-held-{account}"), 1.0
        )
        plain = Effect(f"dg-let-{account}", "", status=200)
        outcomes.let_in(Decision(account, Action.ALLOW), plain, 2.0)

    outcomes.drop("a-1")

    assert outcomes.find("dg-held-a-1") is None
    assert outcomes.find("dg-let-a-1") is None
    assert outcomes.find("dg-held-a-2") is not None
    assert outcomes.find("dg-let-a-2") is not None


def test_a_name_leads_to_the_latest_that_had_it_and_goes_with_it() -> None:
    outcomes = Outcomes()
    for number in range(PLAIN):
        plain = Effect(f"dg-{number}", f"ticket-{number % 2}", status=200)
        outcomes.let_in(Decision(f"a-{number % 2}", Action.ALLOW), plain, float(number))

    latest = outcomes.find("ticket-1")
    assert latest is not None
    assert latest.effect.reference == f"dg-{PLAIN - 1}"
    outcomes.drop("a-1")
    assert outcomes.find("ticket-1") is None
    assert outcomes.find("ticket-0") is not None


def test_no_request_is_kept_with_what_it_came_to() -> None:
    outcomes = Outcomes()
    asked = Decision("a-1", Action.THROTTLE, passage=["a prompt"])

    outcomes.note(asked, WAIT, 0.0)
    outcomes.let_in(asked, WAIT._replace(reference="dg-2"), 0.0)

    kept = [outcomes.find(name) for name in ("dg-1", "dg-2")]
    assert [one and one.decision.passage for one in kept] == [None, None]
    assert asked.passage == ["a prompt"]

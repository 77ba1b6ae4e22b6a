import pytest
from benchmarks.detection.score import Score, Scorer, wilson

from distillgate.dialects.registry import match
from distillgate.policy.decision import Action, Decision, Reason
from distillgate.traffic.log import Line
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import from_document

LABELS = {"a": "chat users", "b": "chat users", "x": "slow", "y": "slow"}
PATH = "/v1/chat/completions"


def judged(*decisions: tuple[float, str, str]) -> Score:
    operation = match("POST", PATH)
    assert operation is not None
    request = from_document(operation, {"model": "m", "messages": []})
    scorer = Scorer(LABELS)
    for ts, account, action in decisions:
        word, _, wait = action.partition(" ")
        decision = Decision(
            account=account,
            action=Action[word.upper()],
            risk=1.0,
            reasons=(Reason("work_list", "harvest", 1.0, "many"),),
            retry_after=float(wait) if wait else None,
        )
        scorer.add(Line(ts, Exchange(account, request, path=PATH), Outcome()), decision)
    return scorer.close()


def test_recall_leak_and_alarm_of_a_campaign() -> None:
    found = judged(
        (1, "x", "allow"), (2, "y", "observe"), (3, "x", "throttle"), (4, "x", "refuse")
    ).campaigns["slow"]

    assert (found.accounts, found.restricted, found.exchanges) == (2, 1, 4)
    assert found.recall == 0.5
    assert found.leak == 0.5
    assert found.alarm == 2


def test_a_campaign_that_nobody_saw_has_no_alarm() -> None:
    found = judged((1, "x", "allow"), (2, "y", "allow")).campaigns["slow"]

    assert (found.recall, found.leak, found.alarm) == (0.0, 1.0, None)


def test_what_a_budget_still_answers_is_through() -> None:
    found = judged(
        (0, "x", "throttle"), (10, "x", "throttle 60"), (61, "x", "throttle"), (62, "y", "degrade")
    ).campaigns["slow"]

    assert (found.through, found.spoilt) == (2, 1)


def test_accounts_are_counted_by_class_with_what_restricted_them() -> None:
    found = judged((1, "a", "allow"), (2, "b", "refuse"), (3, "b", "allow"), (4, "x", "refuse"))

    assert found.everyone.restricted == 1
    assert found.honest["chat users"].harm == pytest.approx(1 / 3)
    assert found.reasons == {"chat users": {"work_list": 1}, "slow": {"work_list": 1}}


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 1000, 0.0, 0.003827), (5, 10, 0.236590, 0.763410), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-6)


def test_the_digest_tells_decisions_apart() -> None:
    one, other = judged((1, "a", "allow")), judged((1, "a", "observe"))

    assert one.digest == judged((1, "a", "allow")).digest
    assert one.digest != other.digest

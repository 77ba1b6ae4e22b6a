from distillgate.policy.decision import Action, Decision


def test_rungs_are_ordered_mildest_first() -> None:
    assert [action.label for action in sorted(Action)] == [
        "allow",
        "observe",
        "throttle",
        "degrade",
        "challenge",
        "refuse",
    ]


def test_a_customer_feels_throttle_and_harder() -> None:
    assert [action.label for action in Action if action.restricts] == [
        "throttle",
        "degrade",
        "challenge",
        "refuse",
    ]


def test_a_decision_allows_and_is_not_enforced_until_somebody_says_so() -> None:
    decision = Decision("a")

    assert decision.action is Action.ALLOW
    assert not decision.enforced
    assert decision.retry_after is None


def test_what_is_refused_has_a_wait_or_a_hard_action_that_is_acted_on() -> None:
    assert not Decision("a", Action.DEGRADE).refused
    assert Decision("a", Action.THROTTLE, retry_after=9.0).refused
    assert Decision("a", Action.CHALLENGE).refused
    assert not Decision("a", Action.REFUSE, not_enforced="onset").refused

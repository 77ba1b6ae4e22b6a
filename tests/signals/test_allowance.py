from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from distillgate.campaign.evidence import Taken
from distillgate.campaign.openness import Openness
from distillgate.signals.allowance import AllowanceSettings, allowance, share_used, weight

SETTINGS = AllowanceSettings()
PLAIN = Openness(card=0.0, young=0.0)


def took(tokens: float = 0.0, size: float = 100.0, **shown: Any) -> Taken:
    return Taken(tokens, size, replace(PLAIN, **shown))


def test_who_shows_nothing_may_take_what_is_set() -> None:
    assert allowance(took(), SETTINGS).tokens == SETTINGS.value_tokens
    assert allowance(took(), SETTINGS).why == ""


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.99, 1.0, 1.5, 2.0, 7.9])
def test_the_share_can_be_read_off_the_weight(share: float) -> None:
    assert share_used(weight(share)) == pytest.approx(share)


def test_openness_does_not_count_for_accounts_that_were_opened_for_it() -> None:
    assert allowance(took(card=1.0, young=1.0), SETTINGS) == allowance(took(), SETTINGS)


def test_labels_leave_more_room_than_long_answers_and_cards_less() -> None:
    budgets = [
        allowance(one, SETTINGS).tokens
        for one in (
            took(size=9.0),
            took(size=138.0),
            took(size=480.0),
            took(size=480.0, cards=30.0),
        )
    ]

    assert budgets == sorted(budgets, reverse=True)
    assert budgets[0] == 4 * SETTINGS.value_tokens
    assert budgets[-1] >= SETTINGS.value_tokens / 4


SHARES = st.floats(0, 1)
SHOWN = st.builds(
    Openness,
    card=SHARES, address=SHARES, cards=st.floats(0, 60), client=SHARES, young=SHARES,
    declared=SHARES,
)  # fmt: skip
ANSWERS = st.lists(st.floats(1, 5000), min_size=1, max_size=20)


def of(answers: list[float], shown: Openness) -> Taken:
    tokens = sum(answers)
    return Taken(tokens, sum(one * one for one in answers) / tokens, shown)


@given(ANSWERS, st.floats(0.01, 5000), SHOWN)
def test_another_answer_never_lowers_the_evidence(
    answers: list[float], more: float, shown: Openness
) -> None:
    def used(answers: list[float]) -> float:
        taken = of(answers, shown)
        return taken.tokens / allowance(taken, SETTINGS).tokens

    assert used([*answers, more]) >= used(answers) * (1 - 1e-9)


@given(ANSWERS, SHOWN)
def test_no_budget_is_more_than_four_times_or_less_than_a_quarter(
    answers: list[float], shown: Openness
) -> None:
    found = allowance(of(answers, replace(shown, declared=0.0)), SETTINGS).tokens

    assert SETTINGS.value_tokens / 4 <= found <= SETTINGS.value_tokens * 4

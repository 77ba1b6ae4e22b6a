"""The detectors that weigh a share of an account's own texts: what holds for each of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.expansion import ExpansionSettings, expansion
from distillgate.signals.detectors.grading import GradingSettings, grading
from distillgate.signals.detectors.instruction_generation import (
    InstructionGenerationSettings,
    instruction_generation,
)
from distillgate.signals.detectors.reasoning import ReasoningSettings, reasoning
from distillgate.signals.detectors.trace_cleaning import TraceCleaningSettings, trace_cleaning
from distillgate.signals.detectors.variants import VariantsSettings, variants
from distillgate.signals.rates import RateSettings
from distillgate.signals.signal import Family, Signal


class Rate(NamedTuple):
    """One of them: what it counts of what, and how many in a hundred honest accounts may show."""

    find: Callable[[Account, Any, float], Signal | None]
    settings: RateSettings
    hits: Count
    usual: int
    of: Count = Count.TEXTS

    def asked(self, hits: int, texts: int = 100) -> Signal | None:
        """Ask it about an account with so many hits."""
        account = Account.new("a", 1, 0.0, AccountSettings())
        account.texts = Texts(0.0)
        for which, times in ((self.of, texts), (self.hits, hits)):
            for _ in range(times):
                account.texts.add(which)
        return self.find(account, self.settings, 0.0)


RATES = [
    Rate(expansion, ExpansionSettings(), Count.EXPANDED, 20, of=Count.ANSWERED),
    Rate(grading, GradingSettings(), Count.GRADING, 4),
    Rate(instruction_generation, InstructionGenerationSettings(), Count.GENERATION, 5),
    Rate(reasoning, ReasoningSettings(), Count.REASONING, 5),
    Rate(trace_cleaning, TraceCleaningSettings(), Count.CLEANING, 1),
    Rate(variants, VariantsSettings(), Count.VARIED, 15),
]
EACH = pytest.mark.parametrize("rate", RATES, ids=[rate.find.__name__ for rate in RATES])


@EACH
def test_most_texts_weigh_a_little(rate: Rate) -> None:
    found = rate.asked(90)

    assert found is not None
    assert found.name == rate.find.__name__
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= rate.settings.ceiling < 1
    assert "90%" in found.text or "91%" in found.text


@EACH
def test_few_say_nothing(rate: Rate) -> None:
    assert rate.asked(0) is None
    assert rate.asked(rate.usual) is None
    assert rate.asked(15, texts=15) is None


@EACH
def test_an_account_without_texts_of_its_own_says_nothing(rate: Rate) -> None:
    assert rate.find(Account.new("a", 1, 0.0, AccountSettings()), rate.settings, 0.0) is None

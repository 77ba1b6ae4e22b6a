"""A group's evidence with everything unremarkable, to be changed one figure at a time."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.conduct import Conduct, Trait
from distillgate.account.texts import Count, Texts
from distillgate.account.windows import DAY
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings, examine
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import run_slice
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.surroundings import Surroundings
from distillgate.signals.allowance import AllowanceSettings
from distillgate.signals.group_detector import Case, basis

Make = Callable[..., Evidence]


def unremarkable() -> Evidence:
    """Examine a group about which nothing is known."""
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    steps = examine(group, Surroundings((), {}, 1000), SketchTable(1), ExamineSettings(), 0.0)
    found = run_slice(steps, math.inf)
    assert found is not None
    return found


@pytest.fixture
def evidence() -> Make:
    """Make evidence of ten thousand exchanges that differs from the unremarkable in the figures
    given.
    """

    def make(**figures: Any) -> Evidence:
        return replace(unremarkable(), **{"exchanges": 10_000, **figures})

    return make


def case(evidence: Evidence, kind: Kind = Kind.TURN, age: float = 0.0) -> Case:
    """Return a group as its detectors are asked of it."""
    group = Group.new(Key(kind, 7), evidence.examined_at - age, sample=8, due=48)
    settings = ExamineSettings(), AllowanceSettings()
    return Case(group, evidence, basis(kind, evidence), *settings)


def used(trait: Trait, hits: int, trials: int, days: float = 0.0) -> Account:
    """Give an account of which `hits` of `trials` were counted, all within its first hour."""
    account = Account.new("a", 1, 0.0)
    account.conduct = Conduct(0.0, 30)
    for number in range(trials):
        account.conduct.count(trait, number < hits, days * DAY)
    return account


def wrote(hits: Count, times: int, texts: int = 100, of: Count = Count.TEXTS) -> Account:
    """Make an account of whose texts so many were counted."""
    account = Account.new("a", 1, 0.0)
    account.texts = Texts(0.0)
    for which, count in ((of, texts), (hits, times)):
        for _ in range(count):
            account.texts.add(which)
    return account

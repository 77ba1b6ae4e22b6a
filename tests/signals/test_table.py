"""The detectors that only weigh a rate: what holds for each of them."""

from typing import NamedTuple

import pytest
from tests.signals.conftest import used, wrote

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.account.texts import Count
from distillgate.signals.detector import Detector, Reads
from distillgate.signals.signal import Family
from distillgate.signals.table import RATES

BY_NAME = {detector.name: detector for detector in RATES}


class Shown(NamedTuple):
    """A row, the trait it weighs, a share that weighs, an honest one, and too few to tell."""

    name: str
    trait: Trait
    weighs: tuple[int, int]
    says: str
    honest: tuple[int, int]
    few: int


TRAITS = [
    Shown("round_the_clock", Trait.SLEEPLESS, (5, 6), "5 of 6 busy days", (0, 9), 2),
    Shown("throughput", Trait.HEAVY, (4, 5), "4 of 5 days", (0, 9), 2),
    Shown("scrubbed_metadata", Trait.SCRUBBED, (60, 60), "60 of 60 requests", (1, 60), 23),
    # A drift monitor repeats everything.
    Shown("countermeasure_probing", Trait.CANARY, (5, 16), "5 of 16 watched", (20, 20), 7),
    Shown("tool_trajectories", Trait.TOOLS, (40, 50), "40 of 50 requests with", (3, 200), 23),
    Shown("replayed_history", Trait.FOREIGN, (30, 30), "30 of 30 conversations", (4, 30), 15),
    Shown("logprob_sweep", Trait.SINGLE, (100, 100), "100 of 100 requests", (1, 100), 47),
    Shown("embeddings_harvest", Trait.VOCABULARY, (100, 100), "100 of 100", (2, 100), 47),
]
EACH_TRAIT = pytest.mark.parametrize("row", TRAITS, ids=[row.name for row in TRAITS])
TEXTS = [
    ("reasoning", Count.REASONING, 5),
    ("grading", Count.GRADING, 4),
    ("trace_cleaning", Count.CLEANING, 1),
    ("instruction_generation", Count.GENERATION, 5),
]
EACH_TEXT = pytest.mark.parametrize(("name", "hits", "usual"), TEXTS, ids=[t[0] for t in TEXTS])


def test_every_row_is_tried_here() -> None:
    assert {row.name for row in TRAITS} | {name for name, _, _ in TEXTS} == set(BY_NAME)
    assert len(BY_NAME) == len(RATES)


@EACH_TRAIT
def test_a_trait_weighs_a_share_of_a_nat_and_says_it(row: Shown) -> None:
    found = BY_NAME[row.name](used(row.trait, *row.weighs), 0.0)

    assert found is not None
    assert found.name == row.name
    assert 0.0 < found.llr <= 0.7
    assert row.says in found.text


@EACH_TRAIT
def test_an_honest_share_and_too_few_to_tell_say_nothing(row: Shown) -> None:
    detector = BY_NAME[row.name]

    assert detector(used(row.trait, *row.honest), 0.0) is None
    assert detector(used(row.trait, row.few, row.few), 0.0) is None
    assert detector(Account.new("a", 1, 0.0), 0.0) is None


@EACH_TEXT
def test_most_texts_weigh_a_little(name: str, hits: Count, usual: int) -> None:
    found = BY_NAME[name](wrote(hits, 90), 0.0)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= 0.4
    assert "90%" in found.text or "91%" in found.text


@EACH_TEXT
def test_few_texts_say_nothing(name: str, hits: Count, usual: int) -> None:
    detector = BY_NAME[name]

    assert detector(wrote(hits, 0), 0.0) is None
    assert detector(wrote(hits, usual), 0.0) is None
    assert detector(wrote(hits, 15, texts=15), 0.0) is None
    assert detector(Account.new("a", 1, 0.0), 0.0) is None


def test_a_row_reads_what_it_counts() -> None:
    reads: dict[Reads, set[str]] = {}
    detector: Detector
    for detector in RATES:
        reads.setdefault(detector.reads, set()).add(detector.name)

    assert reads == {
        Reads.TEXTS: {name for name, _, _ in TEXTS},
        Reads.CONDUCT: {row.name for row in TRAITS},
    }

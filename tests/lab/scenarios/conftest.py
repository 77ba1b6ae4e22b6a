from collections.abc import Callable
from typing import Any

import pytest

from distillgate_lab.scenarios import campaigns, generated
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

Record = dict[str, Any]
Stage = Callable[..., tuple[Scene, list[Record]]]
Played = Callable[[str], list[Record]]


@pytest.fixture(scope="session")
def text() -> tuple[Corpus, Vocabulary]:
    corpus = generated.corpus()
    return corpus, Vocabulary(corpus.texts())


@pytest.fixture
def stage(text: tuple[Corpus, Vocabulary]) -> Stage:
    """Gives a scene and the list its exchanges are written to, in the order of writing."""

    def make(seed: str = "1/x", *, campaign: bool = False) -> tuple[Scene, list[Record]]:
        records: list[Record] = []
        return Scene(*text, seed, records.append, campaign=campaign), records

    return make


@pytest.fixture
def played(stage: Stage) -> Played:
    """Gives a campaign's exchanges in order of time, on infrastructure like everybody's."""

    def play(kind: str) -> list[Record]:
        scene, records = stage(campaign=True)
        campaigns.attack(scene, kind, "mimic")
        return sorted(records, key=lambda record: float(record["ts"]))

    return play


def newest(record: Record) -> str:
    return str(record["request"]["messages"][-1]["content"])

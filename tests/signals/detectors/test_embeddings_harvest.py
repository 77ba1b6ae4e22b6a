from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.embeddings_harvest import (
    EmbeddingsHarvestSettings,
    embeddings_harvest,
)

SETTINGS = EmbeddingsHarvestSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = embeddings_harvest(used(Trait.VOCABULARY, 100, 100), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "100 of 100 requests" in found.text


def test_a_keyword_now_and_then_says_nothing() -> None:
    assert embeddings_harvest(used(Trait.VOCABULARY, 2, 100), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert embeddings_harvest(used(Trait.VOCABULARY, few, few), SETTINGS, 0.0) is None

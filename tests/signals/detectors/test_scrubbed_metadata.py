from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.scrubbed_metadata import (
    ScrubbedMetadataSettings,
    scrubbed_metadata,
)

SETTINGS = ScrubbedMetadataSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = scrubbed_metadata(used(Trait.SCRUBBED, 60, 60), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "60 of 60 requests" in found.text


def test_a_client_that_tells_itself_says_nothing() -> None:
    assert scrubbed_metadata(used(Trait.SCRUBBED, 1, 60), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert scrubbed_metadata(used(Trait.SCRUBBED, few, few), SETTINGS, 0.0) is None

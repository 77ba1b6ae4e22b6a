import pytest

from distillgate.config.load import read
from distillgate.errors import ConfigError
from distillgate.settings import Settings
from distillgate.signals.registry import OFF
from distillgate.signals.settings import SignalsSettings


def test_every_detector_that_only_accuses_can_be_off() -> None:
    text = f"off: [{', '.join(sorted(OFF))}]"

    assert read(text, SignalsSettings, source="-").off == OFF


def test_an_unknown_name_is_told_the_nearest() -> None:
    assert issubclass(SignalsSettings, Settings)
    with pytest.raises(ConfigError, match=r"`gradin` is no detector .* did you mean `grading`\?"):
        read("off: [gradin]", SignalsSettings, source="-")
    with pytest.raises(ConfigError, match=r"`novelty` is no detector any more"):
        read("off: [novelty]", SignalsSettings, source="-")
    with pytest.raises(ConfigError, match=r"known are breadth, "):
        read("off: [zzzz]", SignalsSettings, source="-")

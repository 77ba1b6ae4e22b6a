import pytest

from distillgate.config.load import read
from distillgate.errors import ConfigError
from distillgate.settings import Settings
from distillgate.signals.settings import NAMES, SignalsSettings


def test_every_detector_of_accounts_can_be_off() -> None:
    text = f"off: [{', '.join(sorted(NAMES))}]"

    assert read(text, SignalsSettings, source="-").off == NAMES


def test_an_unknown_name_is_told_the_nearest() -> None:
    assert issubclass(SignalsSettings, Settings)
    with pytest.raises(ConfigError, match=r"`gradin` is no detector .* did you mean `grading`\?"):
        read("off: [gradin]", SignalsSettings, source="-")
    with pytest.raises(ConfigError, match=r"known are breadth, "):
        read("off: [zzzz]", SignalsSettings, source="-")

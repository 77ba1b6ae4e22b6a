"""The defaults are the safe ones, and a secret stays one."""

import pytest

from distillgate.config.load import read
from distillgate.config.schema import Config


def test_the_defaults_change_no_exchange() -> None:
    config = Config()
    assert config.mode == "shadow"
    assert config.fail == "open"
    assert config.key is None
    assert config.record.path is None


def test_the_key_is_not_shown() -> None:
    config = read("key: hush", Config, source="-")
    assert config.key is not None
    assert config.key.get_secret_value() == "hush"
    assert "hush" not in repr(config)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().mode = "enforce"

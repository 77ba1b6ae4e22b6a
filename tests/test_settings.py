"""What no engine could work with is refused when the configuration is read."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from distillgate.campaign.links import LinkSettings
from distillgate.campaign.template import TemplateSettings
from distillgate.config.schema import Config
from distillgate.engine.engine import EngineSettings
from distillgate.settings import Settings

POSITIVE = (
    "account.max_accounts",
    "campaign.max_groups",
    "campaign.max_members",
    "signals.work_list.value_tokens",
)


def document(path: str, value: int) -> dict[str, Any]:
    """Nest a value under a dotted path."""
    found: Any = value
    for name in reversed(path.split(".")):
        found = {name: found}
    return dict(found)


@pytest.mark.parametrize("path", POSITIVE)
@pytest.mark.parametrize("value", [0, -1])
def test_what_must_be_more_than_nothing_is_refused(path: str, value: int) -> None:
    with pytest.raises(ValidationError):
        EngineSettings.model_validate(document(path, value))


@pytest.mark.parametrize("value", [0, 3, 1000, (1 << 10) - 1])
def test_a_table_that_is_no_power_of_two_is_refused(value: int) -> None:
    with pytest.raises(ValidationError, match="power of two"):
        LinkSettings(places=value)
    with pytest.raises(ValidationError, match="power of two"):
        TemplateSettings(sightings=value)
    assert TemplateSettings(sightings=1024).sightings == LinkSettings(places=1024).places == 1024


def settings(under: type[Settings] = Settings) -> Iterator[type[Settings]]:
    """Every kind of settings that can do without a configuration."""
    for kind in under.__subclasses__():
        yield from settings(kind)
        if not any(field.is_required() for field in kind.model_fields.values()):
            yield kind


def test_a_default_that_is_not_validated_is_what_validation_makes_of_it() -> None:
    kinds = {Config, *settings()}
    kinds = {kind for kind in kinds if kind.__module__.startswith("distillgate.")}

    assert len(kinds) > 50
    for kind in kinds:
        assert plain(kind.model_construct()) == plain(kind()), kind


def plain(value: object) -> object:
    """Return a value with the types of all in it."""
    if isinstance(value, Settings):
        return type(value), {name: plain(one) for name, one in value}
    return type(value), value


def test_a_gate_is_imported_before_a_setting_is_validated() -> None:
    code = """
from distillgate import Gate
from distillgate.assembly import Parts
from distillgate.settings import Settings

def all(kind):
    return [kind, *(found for one in kind.__subclasses__() for found in all(one))]

print(*(one.__name__ for one in all(Settings)[1:] if one.__pydantic_complete__))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    # What is shipped with the gate is data, and read as such.
    assert set(done.stdout.split()) <= {"Band", "Calibration", "Null"}

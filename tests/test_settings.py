"""What no engine could work with is refused when the configuration is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from distillgate.campaign.links import LinkSettings
from distillgate.campaign.template import TemplateSettings
from distillgate.engine.engine import EngineSettings

POSITIVE = (
    "account.max_accounts",
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

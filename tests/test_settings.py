"""What no engine could work with is refused when the configuration is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from distillgate.engine import EngineSettings

POSITIVE = (
    "account.max_accounts",
    "account.half_life_days",
    "account.distinct_size",
    "campaign.templates.max_templates",
    "campaign.templates.max_segments",
    "campaign.sample",
    "campaign.examine.max_units",
    "campaign.examine.first_share",
    "campaign.examine.weak_share",
    "campaign.examine.alike.seeds",
    "campaign.examine.alike.load",
    "signals.exchangeability.stragglers",
    "signals.even_loads.honest",
    "signals.even_loads.honest_spread",
    "signals.work_list.value_tokens",
)
PLACES = ("campaign.candidates", "campaign.links.places", "campaign.templates.sightings")


def document(path: str, value: int) -> dict[str, Any]:
    """Nest a value under a dotted path."""
    found: Any = value
    for name in reversed(path.split(".")):
        found = {name: found}
    return dict(found)


@pytest.mark.parametrize("path", [*POSITIVE, *PLACES])
@pytest.mark.parametrize("value", [0, -1])
def test_what_must_be_more_than_nothing_is_refused(path: str, value: int) -> None:
    with pytest.raises(ValidationError):
        EngineSettings.model_validate(document(path, value))


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("value", [3, 1000, (1 << 10) - 1])
def test_a_table_that_is_no_power_of_two_is_refused(path: str, value: int) -> None:
    with pytest.raises(ValidationError, match="power of two"):
        EngineSettings.model_validate(document(path, value))
    assert EngineSettings.model_validate(document(path, 1024))

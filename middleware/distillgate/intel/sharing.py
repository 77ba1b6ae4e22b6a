"""What a gate holds of its community: the keys, whom it trusts, and what it looks for with them."""

from dataclasses import dataclass
from pathlib import Path

from distillgate.engine.engine import Engine
from distillgate.errors import ConfigError, StoreError
from distillgate.intel.community import Community, load
from distillgate.intel.recognise import Recogniser
from distillgate.intel.settings import IntelligenceSettings


@dataclass(slots=True)
class Sharing:
    """The community as it was configured at the start, and the settings that hold now."""

    settings: IntelligenceSettings
    community: Community | None


def join(settings: IntelligenceSettings, engine: Engine) -> Sharing:
    """Read the community's keys, and have an engine look for what its members tell.

    Raises `ConfigError` where the file is none.
    """
    if settings.community is None:
        return Sharing(settings, None)
    try:
        community = load(Path(settings.community))
    except StoreError as error:
        raise ConfigError(f"intelligence.community: {error}") from None
    engine.recognise = Recogniser(community, lambda: engine.state.groups.reports)
    return Sharing(settings, community)

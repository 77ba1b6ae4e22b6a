"""What a gate holds of its community: keys, whom it trusts, what it looks for and could tell."""

from dataclasses import dataclass
from pathlib import Path

from distillgate.engine.engine import Engine
from distillgate.errors import ConfigError, StoreError
from distillgate.intel.community import Community, load
from distillgate.intel.recognise import Recogniser
from distillgate.intel.samples import Samples
from distillgate.intel.settings import IntelligenceSettings


@dataclass(slots=True)
class Sharing:
    """The community as it was configured at the start, and the settings that hold now."""

    settings: IntelligenceSettings
    community: Community | None
    samples: Samples | None = None
    """What is kept for reports; None without a key to hash them with."""

    def forget(self, account: str) -> None:
        """Keep nothing of an account."""
        if self.samples is not None:
            self.samples.drop(account)


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
    current = any(key.until is None for key in community.keys)
    return Sharing(settings, community, Samples(community.newest) if current else None)

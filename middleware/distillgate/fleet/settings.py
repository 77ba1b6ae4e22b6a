"""Several gates of one evidence: every setting."""

from distillgate.fleet.redis import RedisSettings
from distillgate.fleet.share import ShareSettings
from distillgate.settings import Settings


class FleetSettings(Settings):
    """What several gates share. Off unless a server is named; it needs `key`, the same in all."""

    redis: RedisSettings = RedisSettings()
    """The server that holds the journal of what they learn."""
    share: ShareSettings = ShareSettings()
    """How what one of them learns reaches the others."""

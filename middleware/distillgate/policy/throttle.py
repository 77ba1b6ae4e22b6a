"""How being held back feels: how long to wait, and that the wait says nothing of the threshold."""

from pydantic import Field, PositiveInt

from distillgate.policy.draw import Draw
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange
from distillgate.wire.refusal import RETRY_LIMIT


class ThrottleSettings(Settings):
    """How throttling feels."""

    concurrent: PositiveInt = 2
    """Exchanges that a restricted account may have in flight."""
    max_wait: float = Field(default=RETRY_LIMIT, gt=0, le=RETRY_LIMIT)
    """Longest wait told, in seconds: the OpenAI SDK gives up on longer ones."""
    min_wait: float = Field(default=20.0, ge=0)
    """Shortest wait told to a suspected account. Its waits are drawn evenly between the two, and
    say nothing of when a request would pass."""
    jitter: float = Field(default=0.25, ge=0)
    """Share by which a plan's true wait is lengthened at random, so that clients do not come back
    all at once."""
    delay_seconds: float = Field(default=4.0, ge=0)
    """Longest time a suspected account's refusal is held back, drawn anew each time; 0 never."""


def plan_wait(seconds: float, exchange: Exchange, draw: Draw, settings: ThrottleSettings) -> float:
    """Say how long somebody past a plan's budget has to wait: about as long as is true."""
    chance = draw.share("jitter", exchange.account, exchange.id)
    return min(seconds * (1 + settings.jitter * chance), settings.max_wait)


def suspect_wait(
    exchange: Exchange, now: float, draw: Draw, settings: ThrottleSettings
) -> tuple[float, float]:
    """Say how long a suspected account is told to wait, and how long that answer is held back."""
    shortest = min(settings.min_wait, settings.max_wait)
    told = draw.share("wait", exchange.account, exchange.id, now)
    wait = shortest + (settings.max_wait - shortest) * told
    held = draw.share("delay", exchange.account, exchange.id, now)
    return wait, settings.delay_seconds * held

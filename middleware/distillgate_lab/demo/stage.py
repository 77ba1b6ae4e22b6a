"""The stage: an upstream and the sidecar in front of it, on free ports of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.demo.call import Account
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

ACCOUNT, ORGANISATION = "x-account", "x-organisation"
"""Headers in which the proxy in front (here: the play) names who is asking."""
ADMIN_KEY = "demo"
DAWN = 1_760_000_400.0
"""When the play begins, in seconds since the epoch."""
IDLE_SECONDS = 75
"""How long connections are kept, so that a machine that stutters breaks none."""


class Time:
    """The play's own clock: hours of traffic pass in seconds, and slow machines take theirs."""

    def __init__(self) -> None:
        self.now = DAWN

    def __call__(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.now

    def pass_to(self, at: float) -> None:
        """Go on to so many seconds after the beginning, never back."""
        self.now = max(self.now, DAWN + at)


class Stage(NamedTuple):
    """Where the play takes place."""

    url: str
    """The sidecar."""
    direct: str
    """The upstream, without the sidecar."""
    time: Time


@contextmanager
def stage() -> Iterator[Stage]:
    """Start upstream and sidecar; both are gone when the block ends."""
    time = Time()
    with serve(upstream(keep=1), timeout_keep_alive=IDLE_SECONDS) as behind:
        relay = Relay(ProxySettings(upstream=behind.url))
        gate = Gate(relay, config(), clock=time)
        with serve(gate.sidecar(), timeout_keep_alive=IDLE_SECONDS) as front:
            yield Stage(front.url, behind.url, time)


def config() -> dict[str, Any]:
    """Return the gate's configuration: every default, but that it acts and knows who is asking.

    And acts in sight: at once, from budgets as small as the upstream's answers, and without holding
    anything back, as the play's time is not ours.
    """
    return {
        "mode": "enforce",
        "key": "demo",
        "admin": {"key": ADMIN_KEY},
        "policy": {
            "enforcement": {"onset_exchanges": 0},
            "group_budget": {"refill": 0.1, "floor_per_day": 50},
        },
        "signals": {"work_list": {"value_tokens": 4000}},
        "asgi": {"identity": {"header": ACCOUNT, "attributes": {"organisation": ORGANISATION}}},
        "telemetry": {"log": {"level": "off"}},
    }


def headers(account: Account, reference: str) -> dict[str, str]:
    """Return the headers of an account's request behind the operator's proxy."""
    found = {
        "authorization": f"Bearer {account.key}",
        ACCOUNT: account.name,
        "user-agent": account.agent,
        "x-forwarded-for": account.address,
        "x-request-id": reference,
    }
    if account.organisation is not None:
        found[ORGANISATION] = account.organisation
    return found

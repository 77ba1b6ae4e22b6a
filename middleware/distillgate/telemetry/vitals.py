"""How it stands with the gate itself: what is in force, how many it concerns, how its loop runs."""

from functools import partial
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge

NAMESPACE = "distillgate"
"""What every metric's name begins with."""


class Vitals(NamedTuple):
    """What is set whenever metrics are read."""

    accounts: int = 0
    groups: int = 0
    evicted: int = 0
    restricted: int = 0
    """Accounts under a restriction that has not ended, acted on or not; as last counted."""
    killed: bool = False
    enforcing: bool = False
    config: int = 0
    """The name of the configuration in force, as a number."""
    reloaded: float = 0.0
    """When a configuration was last taken."""
    reload_failed: bool = False
    """The file as it is now could not be taken."""
    logged: bool = False
    """What is remembered is kept in a log."""
    loop_lag: float = 0.0
    """The longest that the event loop was held up of late, in seconds."""


_TEXTS = {
    "accounts": ("accounts", "Accounts remembered."),
    "groups": ("groups", "Groups of accounts that act together."),
    "evicted": ("accounts_evicted", "Accounts forgotten for want of room."),
    "restricted": ("accounts_restricted", "Accounts under a restriction, acted on or not."),
    "killed": ("killed", "1 while an operator has ended all enforcement."),
    "enforcing": ("enforcing", "1 while decisions are acted on."),
    "config": ("config_hash", "The hash of the configuration in force, as a number."),
    "reloaded": ("config_reloaded_timestamp_seconds", "When a configuration was last taken."),
    "reload_failed": ("config_reload_failed", "1 while the file cannot be taken."),
    "logged": ("log_kept", "1 where what is remembered is kept in a log."),
    "loop_lag": ("loop_lag_seconds", "The longest the event loop was held up of late."),
}


class VitalMetrics:
    """The gauges of the vitals."""

    def __init__(self, registry: CollectorRegistry, version: str) -> None:
        gauge = partial(
            Gauge, namespace=NAMESPACE, registry=registry, multiprocess_mode="mostrecent"
        )
        self._gauges = {name: gauge(metric, text) for name, (metric, text) in _TEXTS.items()}
        gauge("build_info", "1, labelled with the version.", ["version"]).labels(version).set(1)

    def set(self, vitals: Vitals) -> None:
        """Set them all."""
        for name, value in vitals._asdict().items():
            self._gauges[name].set(value)

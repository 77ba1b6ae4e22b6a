"""What a reload takes, what waits for a restart, and the name of the configuration in force."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import SecretStr

from distillgate.config.schema import Config

START_ONLY = (
    "key", "reload_interval", "proxy", "governance.audit", "campaign",
    "admin.key", "admin.path", "admin.open_metrics", "admin.pardon_days",
    "admin.listen",
    "account.max_accounts", "tokenizer", "telemetry.registry", "telemetry.otel",
    "cells", "log", "record", "envoy", "intelligence.community",
)  # fmt: skip
"""Settings, and whole sections, that are read at the start only."""


class Changes(NamedTuple):
    """What a reload came to, by the settings' paths."""

    taken: tuple[str, ...]
    waiting: tuple[str, ...]
    """Other than in the running process: they count from the next start."""


@dataclass(slots=True)
class InForce:
    """The configuration that holds: as it was at the start, and as it was taken since."""

    started: Config
    taken: Config = field(init=False)
    waiting: tuple[str, ...] = ()
    at: float = 0.0
    """When a file was last taken; 0 where none was since the start."""
    doubts: list[str] = field(default_factory=list)
    """What it can hardly mean, with the lines."""
    name: str = field(init=False)
    """The hash of what holds: two processes with one name judge by the same settings."""

    def __post_init__(self) -> None:
        """Begin with what was there at the start."""
        self.taken = self.started
        self.name = self._hash()

    def take(self, config: Config, now: float) -> Changes:
        """Take a new configuration, as far as a running process can."""
        before, after = _flat(self.taken), _flat(config)
        waits = (path for path in _differing(_flat(self.started), after) if is_start_only(path))
        taken = (path for path in _differing(before, after) if not is_start_only(path))
        self.taken, self.waiting, self.at = config, tuple(waits), now
        self.name = self._hash()
        return Changes(tuple(taken), self.waiting)

    def doubt(self, doubts: list[str]) -> None:
        """Note what the configuration can hardly mean that is about to be taken."""
        self.doubts = doubts

    def _hash(self) -> str:
        start, taken = _flat(self.started), _flat(self.taken)
        held = {path: value for path, value in taken.items() if not is_start_only(path)}
        held |= {path: value for path, value in start.items() if is_start_only(path)}
        text = json.dumps(held, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def is_start_only(path: str) -> bool:
    """Return whether a setting is read at the start only."""
    return any(path == one or path.startswith(f"{one}.") for one in START_ONLY)


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    paths = sorted(one.keys() | other.keys())
    return [path for path in paths if one.get(path) != other.get(path)]


def _flat(config: Config) -> dict[str, Any]:
    return dict(_leaves("", config.model_dump()))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Return the settings by their paths; of a secret only its hash, to see that it changed."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), part)
    elif isinstance(value, SecretStr):
        secret = value.get_secret_value().encode()
        yield path, hashlib.blake2b(secret, digest_size=8, person=b"setting").hexdigest()
    else:
        yield path, value

"""A configuration by which every exchange is degraded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MEASURES = ("parameters", "determinism", "reasoning", "route", "pace", "mark")
ROUTES = {"claude-opus*": "claude-haiku-4-5", "gpt-5.2": "gpt-5.1", "gpt-4.1": "gpt-4.1-mini"}
ACTIONS: dict[str, Any] = {
    "route": {"models": ROUTES},
    "pace": {"events_per_second": 1e6},
    "mark": {"share": 1.0},
}


def degraded(measures: Iterable[str], **actions: Any) -> dict[str, Any]:
    """Configure the gate so that every exchange meets the measures."""
    return {
        "mode": "enforce",
        "telemetry": {"log": {"level": "off"}},
        "policy": {
            "enforcement": {"onset_exchanges": 0},
            "ladder": {"degrade": -1.0, "hard_families": 0},
            "group_budget": {"refill": 1000.0},
        },
        "actions": {"bands": [{"measures": list(measures)}], **ACTIONS, **actions},
    }

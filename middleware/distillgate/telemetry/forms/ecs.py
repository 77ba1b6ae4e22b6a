"""Lines in the words of the Elastic Common Schema; the native line is under `distillgate`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from distillgate.telemetry.forms.words import TURNED_AWAY, Kind, failed, kind_of, result, sentence
from distillgate.telemetry.version import VERSION

ECS = "9.4.0"
"""The version of the schema."""

_CATEGORIES: Mapping[Kind, tuple[str, ...]] = {
    Kind.EXCHANGE: ("api",),
    Kind.FINDING: ("intrusion_detection",),
    Kind.ORDER: ("iam",),
    Kind.SIGN_IN: ("authentication",),
    Kind.SETTINGS: ("configuration",),
    Kind.PROCESS: ("process",),
}
_TYPES: Mapping[Kind, tuple[str, ...]] = {
    Kind.EXCHANGE: ("allowed",),
    Kind.FINDING: ("info",),
    Kind.ORDER: ("admin", "change"),
    Kind.SIGN_IN: ("start",),
    Kind.SETTINGS: ("change",),
    Kind.PROCESS: ("info",),
}


def ecs(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line in the schema's words."""
    kind, account, by = kind_of(line), line.get("account"), line.get("by")
    operator = None if line["event"] == "decision" or by in ("gate", "file") else by
    found: dict[str, Any] = {
        "@timestamp": line["timestamp"],
        "ecs": {"version": ECS},
        "log": {"level": line["level"], "logger": "distillgate"},
        "message": sentence(line),
        "event": _event(line, kind),
        "service": {"name": "distillgate", "type": "distillgate", "version": VERSION},
        "distillgate": line,
    }
    if operator is not None:
        found["user"] = {"name": operator} | ({"target": {"id": account}} if account else {})
    elif account is not None:
        found["user"] = {"id": account}
    if related := [one for one in (account, operator) if one]:
        found["related"] = {"user": related}
    outcome = line.get("outcome")
    if isinstance(outcome, dict) and outcome.get("status"):
        found["http"] = {"response": {"status_code": outcome["status"]}}
    if line["event"] == "failed_open":
        found["error"] = {"type": line.get("error")}
    elif line["event"] == "reload_failed":
        found["error"] = {"message": line.get("error")}
    if line.get("address"):
        found["source"] = {"ip": line["address"]}
    return found


def _event(line: dict[str, Any], kind: Kind) -> dict[str, Any]:
    denied = result(line) in TURNED_AWAY
    types = ("denied",) if denied else _TYPES[kind]
    found: dict[str, Any] = {
        "kind": "alert" if kind is Kind.FINDING else "event",
        "category": list(_CATEGORIES[kind]),
        "type": list(types),
        "action": line["event"],
        "dataset": "distillgate.log",
        "module": "distillgate",
        "provider": "distillgate",
        "outcome": "failure" if failed(line) else "success",
    }
    known = {
        "id": line.get("reference"),
        "reason": line.get("reason") or line.get("cause"),
        "risk_score": line.get("risk"),
        "start": _moment(line.get("first_seen")),
        "end": _moment(line.get("last_seen")),
    }
    return found | {name: value for name, value in known.items() if value not in (None, "")}


def _moment(at: Any) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat() if isinstance(at, int | float) else None

"""Lines in the words of the Open Cybersecurity Schema Framework; the native one is `unmapped`.

Campaigns, restrictions and keys that may be stolen are Detection Findings (2004); other calls, and
what people order, are API Activity (6003); who signs in is Authentication (3002); what the gate
itself goes through is Application Lifecycle (6002).
"""

from collections.abc import Mapping
from typing import Any

from distillgate.telemetry.forms.words import Kind, failed, kind_of, milliseconds, result, sentence
from distillgate.telemetry.version import VERSION

OCSF = "1.8.0"
"""The version of the schema."""

_PRODUCT = {"name": "distillgate", "uid": "distillgate", "vendor_name": "distillgate"}
_SEVERITIES = {"debug": 1, "info": 1, "warning": 3, "error": 4}
_CLASSES: Mapping[Kind, tuple[int, int]] = {
    Kind.EXCHANGE: (6, 6003),
    Kind.FINDING: (2, 2004),
    Kind.ORDER: (6, 6003),
    Kind.SIGN_IN: (3, 3002),
    Kind.SETTINGS: (6, 6002),
    Kind.PROCESS: (6, 6002),
}
"""Category and class."""
_CREATE, _UPDATE, _CLOSE = 1, 2, 3
_FINDINGS = {
    "campaign_grew": _UPDATE, "campaign_ended": _CLOSE, "restricted": _CREATE, "released": _CLOSE,
}  # fmt: skip
"""A finding's activity by its event, or by what a decision changes."""
_LIFECYCLE = {
    "listening": 3, "worker_ready": 3, "workers_ready": 3, "draining": 4, "cut": 4,
    "worker_ended": 4, "killed": 7, "resumed": 6, "reloaded": 8, "reload_failed": 8,
}  # fmt: skip
_STATES = {_CREATE: 1, _UPDATE: 2, _CLOSE: 4}
"""A finding's status by its activity: new, in progress, resolved."""
_ACTIONS = {
    "answered": (1, 17), "changed": (4, 11), "throttled": (2, 14), "challenged": (2, 23),
    "refused": (2, 2),
}  # fmt: skip
"""The action and the disposition by what the client got."""
_OTHER = 99


def ocsf(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line in the schema's words."""
    kind = kind_of(line)
    category, uid = _CLASSES[kind]
    activity = _activity(line, kind)
    found: dict[str, Any] = {
        "metadata": {
            "version": OCSF,
            "product": {**_PRODUCT, "version": VERSION},
            "log_name": "distillgate",
            "log_level": line["level"],
            "event_code": line["event"],
            "profiles": [],
        },
        "category_uid": category,
        "class_uid": uid,
        "activity_id": activity,
        "type_uid": uid * 100 + activity,
        "severity_id": 3 if kind is Kind.FINDING else _SEVERITIES[line["level"]],
        "time": milliseconds(line),
        "message": sentence(line),
        "unmapped": line,
    }
    if activity == _OTHER:
        found["activity_name"] = line["event"]
    if line.get("reference"):
        found["metadata"]["uid"] = line["reference"]
    return found | _PARTS[kind](line, found)


def _activity(line: dict[str, Any], kind: Kind) -> int:
    if kind is Kind.FINDING:
        again = line["event"] == "decision" or line.get("used", 0) >= 1  # told at half of a budget
        plain = _UPDATE if again else _CREATE
        return _FINDINGS.get(line.get("change") or line["event"], plain)
    if kind in (Kind.SETTINGS, Kind.PROCESS):
        return _LIFECYCLE.get(line["event"], _OTHER)
    if kind is Kind.SIGN_IN:
        return 1
    return 3 if kind is Kind.ORDER else _OTHER


def _finding(line: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what a finding is about; its `uid` is the same from its beginning to its end."""
    about = line.get("code") if line["event"].startswith("campaign") else None
    about = about or line.get("account") or line.get("group") or ""
    info: dict[str, Any] = {
        "uid": str(about),
        "title": found["message"],
        "types": ["model extraction"],
        "analytic": {"name": line["event"], "type_id": 2},
    }
    for name, at in (("first_seen_time", "first_seen"), ("last_seen_time", "last_seen")):
        if line.get(at):
            info[name] = round(line[at] * 1000)
    parts: dict[str, Any] = {
        "finding_info": info,
        "is_alert": True,
        "status_id": _STATES[found["activity_id"]],
    }
    if line.get("account"):
        parts["resources"] = [{"uid": line["account"], "type": "account"}]
    if result(line) in _ACTIONS:
        parts |= _controlled(line, found)
    return parts


def _controlled(line: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what was done about it, by the profile for security controls."""
    action, disposition = _ACTIONS[result(line)]
    metadata = {**found["metadata"], "profiles": ["security_control"]}
    return {"metadata": metadata, "action_id": action, "disposition_id": disposition}


def _call(line: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return a call: a client's, or a person's who orders something."""
    ordered = found["activity_id"] != _OTHER
    who = str((line.get("by") if ordered else line.get("account")) or "unknown")
    operation = line["event"] if ordered else line.get("operation") or line["event"]
    parts: dict[str, Any] = {
        "actor": {"user": {"name" if ordered else "uid": who}},
        "api": {"operation": str(operation)},
        "src_endpoint": {"name": who},
        "status_id": 2 if failed(line) else 1,
    }
    if line.get("address"):
        parts["src_endpoint"]["ip"] = line["address"]
    about = line.get("account") or line.get("organisation") or line.get("group")
    if ordered and about:
        parts["resources"] = [{"uid": str(about), "type": "account"}]
    outcome = line.get("outcome")
    if isinstance(outcome, dict) and outcome.get("status"):
        parts["http_response"] = {"code": outcome["status"]}
    return parts | (_controlled(line, found) if result(line) in _ACTIONS else {})


def _sign_in(line: dict[str, Any], _found: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": {"name": str(line.get("by") or "unknown")},
        "service": {"name": "distillgate console"},
        "status_id": 2 if failed(line) else 1,
    }


def _lifecycle(line: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    return {"app": found["metadata"]["product"], "status_id": 2 if failed(line) else 1}


_PARTS = {
    Kind.EXCHANGE: _call,
    Kind.FINDING: _finding,
    Kind.ORDER: _call,
    Kind.SIGN_IN: _sign_in,
    Kind.SETTINGS: _lifecycle,
    Kind.PROCESS: _lifecycle,
}

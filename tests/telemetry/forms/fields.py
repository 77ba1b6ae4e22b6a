"""What the events of the log and of the audit log carry."""

from typing import Any

CAMPAIGN = {
    "id": "c-24734ab42038956a",
    "code": "c-24734ab42038956a",
    "accounts": 500,
    "exchanges": 9000,
    "organisations": {},
    "link": 12.5,
    "risk": 7.25,
    "first_seen": 1_800_000_000.25,
    "last_seen": 1_800_086_400.5,
    "ties": [{"group": "g-1", "kind": "prompt template", "accounts": 500, "link": 12.5}],
}
ORDER = {"account": "a-17", "by": "anna", "reason": "their auditor called", "until": 1.8e9}
FIELDS: dict[str, dict[str, Any]] = {
    "campaign_appeared": CAMPAIGN,
    "campaign_grew": {**CAMPAIGN, "accounts_before": 300},
    "campaign_ended": CAMPAIGN,
    "unusual_use": {"account": "a-17", "model": "m", "reason": "many", "requests": 300},
    "actor_budget": {"group": "g-1", "accounts": 30, "used": 0.5, "evidence": "…"},
    "pardoned": ORDER,
    "lifted": ORDER,
    "ordered": {**ORDER, "order": "exempt"},
    "labelled": {**ORDER, "says": "honest"},
    "appealed": {"account": "a-17", "reference": "dg-4"},
    "appeal_answered": {**ORDER, "answer": "pardon", "reference": "dg-4"},
    "named": {"group": "g-1", "campaign": "winter list", "by": "anna"},
    "forgotten": {"group": "g-1", "by": "anna", "reason": "public"},
    "signed_in": {"by": "anna"},
    "killed": {"by": "anna", "reason": "complaints"},
    "reloaded": {"by": "file", "taken": ["mode"], "waiting_for_restart": []},
    "reload_failed": {"error": "config.yaml:1: mod: unknown key"},
    "failed_open": {"where": "judge", "error": "KeyError", "at": ["a:1"]},
    "upstream_failed": {"kind": "connect", "status": 502, "begun": False, "reference": "dg-2"},
    "turned_away": {"operation": "chat", "reason": "oversize", "reference": "dg-3"},
    "unread": {"operation": "chat", "reason": "malformed"},
}
"""What events of some kinds carry; all others are tried with nothing."""

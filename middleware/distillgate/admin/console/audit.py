"""The document of the page *Audit*: who did what, the newest first, and how it is undone."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from distillgate.admin.console.source import Document, Source
from distillgate.errors import StoreError
from distillgate.governance import trail
from distillgate.governance.audit import EVENTS, Audit
from distillgate.oversight.orders import UNDO, directive_of

LISTED = 50
"""Lines of a page."""
FILTERS = ("event", "by", "account", "campaign", "reference")
_ELSEWHERE = frozenset({"reference", "client_reference"})
_PLACE = frozenset({"ts", "event", "by", "chain", "number", "before", "hash", "config"})
_SUBJECTS = ("account", "organisation", "campaign", "group", "page")
_ORDERS = {"pardoned": "pardon", "lifted": "lift"}


async def audit_document(source: Source, audit: Audit, asked: Mapping[str, str]) -> Document:
    """Return what the page *Audit* shows of an audit log, as far as it is asked for."""
    chosen = {name: asked.get(name, "").strip() for name in FILTERS}
    path = None if audit.settings.path is None else Path(audit.settings.path)
    document: Document = {
        "at": source.now,
        "kept": path is not None,
        "sealed": audit.key is not None,
        "filters": chosen,
        "events": list(EVENTS),
        "lines": [],
        "earlier": None,
        "verified": None,
    }
    if path is None:
        return document
    try:
        found = await asyncio.to_thread(trail.page, path, _wanted(chosen), _before(asked), LISTED)
        if asked.get("verify") and audit.key is not None:
            document["verified"] = _told(await asyncio.to_thread(trail.verified, path, audit.key))
    except StoreError as error:
        raise HTTPException(503, str(error)) from None
    lines = [_line(source, line) for line in found.lines]
    return {**document, "lines": lines, "earlier": found.earlier}


def _before(asked: Mapping[str, str]) -> int | None:
    text = asked.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _wanted(chosen: Mapping[str, str]) -> Any:
    wanted = {name: value for name, value in chosen.items() if value}

    def matches(line: Mapping[str, Any]) -> bool:
        for name, value in wanted.items():
            fields = _ELSEWHERE if name == "reference" else (name,)
            if value not in [line.get(one) for one in fields]:
                return False
        return True

    return matches


def _told(found: trail.Verified | None) -> Document:
    if found is None:
        return {"lines": None, "faults": []}
    faults = [{"line": number, "what": what} for number, what in found.faults]
    return {"lines": found.lines, "faults": faults}


def _line(source: Source, line: Mapping[str, Any]) -> Document:
    subject = next((name for name in _SUBJECTS if line.get(name)), "")
    shown = {name: value for name, value in line.items() if name not in (*_PLACE, subject)}
    return {
        "at": line.get("ts", 0.0),
        "event": str(line["event"]),
        "by": str(line.get("by", "")),
        "subject": subject,
        "name": str(line.get(subject, "")),
        "number": line.get("number"),
        "details": {name: value for name, value in shown.items() if value not in (None, "", [])},
        "undo": _undo(source, line),
    }


def _undo(source: Source, line: Mapping[str, Any]) -> str:
    """Return the order that takes a line's back; empty where nothing of it holds any more."""
    event, engine = line["event"], source.engine
    if event == "killed":
        return "resume" if engine.state.killed else ""
    deed, name = _ORDERS.get(event) or line.get("order", ""), line.get("account")
    if deed not in UNDO or not isinstance(name, str):
        return ""
    if UNDO[deed] == "unpardon":
        account = engine.state.known(name)
        until = 0.0 if account is None else max(account.pardoned_until, account.lifted_until)
        holds = until > source.now and line.get("until") == until
    else:
        held = directive_of(engine, name, whole=False)
        holds = held is not None and held.until > source.now and held.until == line.get("until")
    return UNDO[deed] if holds else ""

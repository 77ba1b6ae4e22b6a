"""Ask a running gate's operator's pages whatever their description allows, and things that it does
not: `python -m tools.fuzz_admin [--examples 100]`.

Schemathesis makes the requests. A page that answers 500, or otherwise than it is described here, is
a fault. The pages with forms are for browsers, and are not among them.
"""  # noqa: INP001  # no package

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, get_args

import httpx2
from starlette.applications import Starlette
from starlette.routing import Route

from distillgate.gate import Gate
from distillgate.intel.community import create, save
from distillgate.oversight.orders import Deed
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

KEY = "operator"
_ACCOUNTS, _REQUESTS = 30, 600
_PROMPT = "Please mark this short answer.\nThink before you decide, and say in two lines why."
_SYLLABLES = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "s")]
_TEXT = {"type": "string"}
_NAMES = {"type": "array", "items": _TEXT, "maxItems": 3}
_MESSAGE = {
    "method": {"enum": ["GET", "POST"]}, "path": _TEXT, "status": {"type": "integer"},
    "headers": {"type": "object", "additionalProperties": _TEXT},
    "body": {}, "body_base64": _TEXT, "id": _TEXT, "aborted": {"type": "boolean"},
}  # fmt: skip
_ORDER = {
    "reason": {"type": "string", "minLength": 1}, "by": _TEXT, "days": {"type": "number"},
    "dry_run": {"type": "boolean"}, "action": _TEXT, "outcome": {"enum": ["pardon", "keep"]},
    "name": _TEXT, "bundle": {}, "campaigns": _NAMES, "tlp": _TEXT, "least": {"type": "integer"},
    "as": _TEXT,
}  # fmt: skip
"""All that an order may say, whatever it orders: what one does not ask for it has to bear."""
_DEED = {"enum": [*get_args(Deed), "none"]}
_ASKED = {"show": _TEXT, "most": _TEXT, "nonce": _TEXT, "key": _TEXT}
_ANSWERS = ("200", "400", "401", "403", "404", "405", "409", "413", "422")


def described(app: Starlette, known: Sequence[str] = ()) -> dict[str, Any]:
    """Return the pages of an application that answer with JSON, as OpenAPI 3.1 describes them.

    `known` are names that it has something to say of.
    """
    paths: dict[str, Any] = {}
    for route in app.routes:
        if isinstance(route, Route) and not route.path.startswith("/console"):
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                path = route.path.replace(":path}", "}")
                paths.setdefault(path, {})[method.lower()] = _operation(method, path, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "operator's pages", "version": "1"},
        "paths": paths,
    }


def _operation(method: str, path: str, known: Sequence[str]) -> dict[str, Any]:
    given = _MESSAGE if path in ("/decide", "/learn") else _ORDER
    kind = "text/plain" if path == "/metrics" else "application/json"
    if path == "/intelligence/export":
        kind = "application/stix+json"
    found: dict[str, Any] = {
        "parameters": list(_parameters(method, path, known)),
        "responses": {
            status: {"description": "", "content": {one: {} for one in {kind, "application/json"}}}
            for status in _ANSWERS
        },
    }
    if path == "/standing":
        found["responses"]["204"] = {"description": "whoever asks may go on"}
    if method == "POST":
        schema = {"type": "object", "properties": given, "required": ["reason"]}
        found["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return found


def _parameters(method: str, path: str, known: Sequence[str]) -> Iterator[dict[str, Any]]:
    anything = {"type": "string", "minLength": 1}
    of: dict[str, Any] = {
        "id": {"anyOf": [{"enum": [*known]}, anything]} if known else anything,
        "deed": _DEED,
    }
    for name, schema in of.items():
        if f"{{{name}}}" in path:
            yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, schema in _ASKED.items() if method == "GET" else ():
        yield {"name": name, "in": "query", "schema": schema}


def gate(folder: Path) -> Gate:
    """Return a gate with everything that its pages tell of."""
    save(create("labs", 0.0), folder / "labs.json")
    return Gate(upstream(), {
        "admin": {"key": KEY},
        "asgi": {"identity": {"order": ["header"], "header": "x-account"}},
        "governance": {"audit": {"path": str(folder / "audit.jsonl")}},
        "intelligence": {"community": str(folder / "labs.json"), "trust": ["a lab"]},
        "telemetry": {"log": {"level": "off"}},
    })  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a gate, ask it all, and print what schemathesis says."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz_admin", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="of each page")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        asked = gate(folder)
        with serve(asked.sidecar()) as server:
            known = _send(server.url)
            assert asked.parts is not None
            description = folder / "openapi.json"
            description.write_text(json.dumps(described(asked.parts.console().app(), known)))
            return _run(description, f"{server.url}/distillgate", chosen.examples, chosen.seed)


def _send(url: str) -> list[str]:
    """Deal a list of texts to some accounts; return the names that the gate then knows."""
    dice = Random(1)  # noqa: S311
    words = ["".join(dice.choices(_SYLLABLES, k=3)) for _ in range(4000)]
    names = [f"a-{number}" for number in range(_ACCOUNTS)]
    with httpx2.Client(trust_env=False, timeout=60) as client:
        for _ in range(_REQUESTS):
            text = f"{_PROMPT}\n{' '.join(dice.choices(words, k=25))}"
            client.post(
                f"{url}/v1/chat/completions",
                json={"model": "m", "messages": [{"role": "user", "content": text}]},
                headers={"x-account": dice.choice(names)},
            )
        key = {"authorization": f"Bearer {KEY}"}
        for page in ("campaigns", "groups"):
            found = client.get(f"{url}/distillgate/{page}", headers=key).json()
            names += [one["id"] for one in found]
    return [*names[:3], *names[_ACCOUNTS:]]


def _run(description: Path, url: str, examples: int, seed: int) -> int:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"
    command = [
        "schemathesis", "run", str(description), "--url", url, "--checks", checks,
        "--header", f"Authorization: Bearer {KEY}", "--max-examples", str(examples),
        "--seed", str(seed), "--generation-database", "none", "--workers", "1",
    ]  # fmt: skip
    executable = str(Path(sys.executable).parent / command[0])
    return subprocess.run(
        [executable, *command[1:]], check=False, cwd=description.parent
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

"""A drill of 500 accounts is one campaign for people, and what each customer got is on record.

`make test-drill`: some minutes, of 8,000 calls over real sockets.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import os
import random
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from typer.testing import CliRunner

pytest.importorskip("jinja2")

from distillgate.admin.console.words import against
from distillgate.cli.main import app as command
from distillgate.gate import Gate
from distillgate.governance.audit import find
from distillgate_lab.drill.play import Manner, Player, keys_of
from distillgate_lab.drill.script import write
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.skipif(not os.environ.get("DISTILLGATE_DRILL"), reason="make test-drill"),
    pytest.mark.timeout(1800),
]

KEY = "a-long-enough-secret"
RING, CROWD = "fixed reasoning prompt@residential", "chat users"
ACCOUNTS, CALLS, SPEED = 500, 8000, 6000
SAMPLED = 10


class Recorder:
    """The client's own record: a relay on its side that names each request, and notes what came."""

    def __init__(self, gate: str) -> None:
        self._gate = gate
        self._number = itertools.count()
        self.seen: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        own = f"ticket-{next(self._number)}"
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in (b"host", b"content-length", b"accept-encoding")
        ]
        answer = await self._client.request(
            scope["method"],
            self._gate + scope["path"],
            content=body,
            headers=[*headers, (b"x-request-id", own.encode())],
        )
        key = dict(headers)[b"authorization"].decode().removeprefix("Bearer ")
        self.seen.append({"own": own, "key": key, "answer": answer})
        told = [
            (name, value)
            for name, value in answer.headers.raw
            if name.lower() not in (b"content-length", b"content-encoding", b"transfer-encoding")
        ]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": told})
        await send({"type": "http.response.body", "body": answer.content})

    async def _live(self, receive: Any, send: Any) -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=120) as self._client:
            for done in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{done}.complete"})


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drilled]:
    folder = tmp_path_factory.mktemp("drill")
    log = folder / "distillgate.log"
    settings = {
        "mode": "enforce",
        "key": "the secret of all the hashes",
        "asgi": {"address": {"trusted": ["127.0.0.1"]}},
        "admin": {"key": KEY},
        "telemetry": {"log": {"destination": str(log), "level": "info", "sample": 1}},
        "governance": {"audit": {"path": str(folder / "audit.jsonl")}},
    }
    script = write([RING, CROWD], accounts=None, limit=CALLS, seed="drill", texts=None)
    with serve(Gate(upstream(), settings).sidecar()) as gate:
        recorder = Recorder(gate.url)
        with serve(recorder, lifespan="on", loop="asyncio") as client:
            manner = Manner(client.url, SPEED, "m-large")
            keys = keys_of(script.calls, None)
            asyncio.run(Player(script, manner, keys, clock=time.time).play())
        labels = {keys[call.record["account"]]: call.label for call in script.calls}
        yield Drilled(gate.url, log, recorder.seen, labels)


class Drilled:
    """A gate after the drill, and what its clients know."""

    def __init__(
        self, url: str, log: Path, seen: list[dict[str, Any]], labels: dict[str, str]
    ) -> None:
        self.url, self.log, self.seen, self.labels = url, log, seen, labels
        self.admin = f"{url}/distillgate"

    def listed(self) -> list[dict[str, Any]]:
        arguments = ["campaign", "list", "--json", "--url", self.admin, "--key", KEY]
        answer = CliRunner().invoke(command, arguments)
        assert answer.exit_code == 0, answer.output
        found: list[dict[str, Any]] = json.loads(answer.stdout)
        return found


def test_the_drill_is_one_campaign_on_the_page_and_in_the_list(drilled: Drilled) -> None:
    assert sum(label != CROWD for label in drilled.labels.values()) == ACCOUNTS
    [row] = drilled.listed()
    assert 0.95 * ACCOUNTS <= row["accounts"] <= ACCOUNTS
    assert len(row["ties"]) > 1

    with httpx2.Client(base_url=drilled.admin, trust_env=False, timeout=120) as browser:
        browser.post("/console/sign-in", data={"key": KEY, "by": "ann", "to": ""})
        campaigns = browser.get("/console/campaigns").text
        assert set(re.findall(r"/console/campaigns/(c-[0-9a-f]+)", campaigns)) == {row["code"]}
        page = html.unescape(browser.get(f"/console/campaigns/{row['code']}").text)
        document = browser.get(f"/console/json/campaigns/{row['code']}").json()
    shown = document["campaign"]
    assert shown["accounts"] == row["accounts"]
    assert [tie["group"] for tie in shown["ties"]] == [tie["group"] for tie in row["ties"]]
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for tie in row["ties"]:
        assert tie["kind"] in text
        assert tie["group"] in text
    doubts = text.partition("What speaks against it")[2].partition("Unlike independent users")[0]
    assert "In good faith:" in doubts
    assert all(" ".join(one.split()) in doubts for one in against(document))


def test_what_ten_customers_got_is_on_record_as_they_had_it(drilled: Drilled) -> None:
    of_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in drilled.seen:
        of_key[one["key"]].append(one)
    held = [
        key for key, all_ in of_key.items() if any(one["answer"].status_code != 200 for one in all_)
    ]
    random_ = random.Random(17)
    others = sorted(set(of_key) - set(held))
    sample = random_.sample(sorted(held), min(6, len(held)))
    sample += random_.sample(others, SAMPLED - len(sample))
    assert held

    for key in sample:
        for one in of_key[key]:
            is_on_record(drilled, one)
    untouched = [one for one in drilled.seen if one["key"] in others]
    assert all(one["answer"].status_code == 200 for one in untouched)


def is_on_record(drilled: Drilled, one: dict[str, Any]) -> None:
    """See that the gate says of an exchange, by its client's reference, what its client has."""
    answer = one["answer"]
    found = httpx2.get(
        f"{drilled.admin}/references/{one['own']}",
        headers={"authorization": f"Bearer {KEY}"}, trust_env=False, timeout=60,
    )  # fmt: skip
    [kept, *_] = found.json()
    outcome = kept["outcome"]
    assert kept["client_reference"] == one["own"]
    assert outcome["status"] == answer.status_code
    wait = answer.headers.get("retry-after")
    assert outcome.get("retry_after") == (None if wait is None else pytest.approx(int(wait), abs=1))
    assert bool(outcome.get("measures")) == ("x-distillgate" in answer.headers)
    if answer.status_code == 200:
        usage = answer.json()["usage"]
        assert outcome["output_tokens"] == usage["completion_tokens"]
        return
    assert outcome["result"] in ("throttled", "refused", "challenged")
    assert kept["reference"] == answer.headers["x-request-id"]
    [line, *_] = find(drilled.log, kept["reference"])
    assert (line["client_reference"], line["outcome"]) == (one["own"], outcome)

"""A proxy that shows no body is told how an account stands; a real nginx asks."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from benchmarks.servers import free_port
from tests.campaigning import CALLS, NOON, Fixed, headers, settings

from distillgate.admin.proof import hashed, new_key
from distillgate.gate import Gate
from distillgate_lab.upstream.server import Address, serve

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
KEY = new_key()
CHAT = "/v1/chat/completions"


class Played(NamedTuple):
    """A gate through whose relay a campaign was played."""

    gate: Address
    client: httpx2.Client
    restricted: str
    """One of the campaign's accounts."""
    honest: str

    def ask(self, account: str, query: str = "", **more: str) -> httpx2.Response:
        given = {
            "authorization": f"Bearer {KEY}",
            "x-original-method": "POST",
            "x-original-uri": CHAT,
            "x-account": account,
            **more,
        }
        return self.client.get(f"/distillgate/standing{query}", headers=given)


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    now = [NOON]
    found = settings(
        admin={"key": "op", "people": {"edge": {"role": "gateway", "key": hashed(KEY)}}}
    )
    found["policy"]["group_budget"] = {"refill": 0.001, "floor_per_day": 1}
    gate = Gate(Fixed(), found, clock=lambda: now[0])
    refused = ""
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client,
    ):
        for call in CALLS:
            now[0] = NOON + call.at
            got = client.post(call.path, json=call.body, headers=headers(call.account, ""))
            refused = call.account.name if got.status_code == 429 else refused
        honest = next(call.account.name for call in CALLS if call.account.honest)
        yield Played(address, client, refused, honest)


def test_a_restricted_account_is_held_back_and_an_honest_one_is_not(played: Played) -> None:
    assert played.ask(played.honest).status_code == 204
    assert played.ask("a stranger").status_code == 204

    held = played.ask(played.restricted)
    assert (held.status_code, held.content) == (403, b"")
    assert float(held.headers["retry-after"]) >= 1
    answer = played.ask(played.restricted, "?answer")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    assert answer.headers["x-request-id"] in answer.json()["error"]["message"]

    kept = played.client.get(
        f"/distillgate/references/{answer.headers['x-request-id']}",
        headers={"authorization": "Bearer op"},
    )
    assert kept.json()[0]["account"] == played.restricted


def test_what_is_no_call_passes_whoever_asks(played: Played) -> None:
    for more in ({"x-original-uri": "/v1/models"}, {"x-original-method": "GET"}):
        assert played.ask(played.restricted, **more).status_code == 204
    wrong = played.ask(played.honest, authorization="Bearer wrong")
    assert wrong.status_code == 401


@pytest.mark.skipif(NGINX is None, reason="there is no nginx here")
def test_nginx_asks_and_passes_on_where_the_gate_is_away(played: Played, tmp_path: Path) -> None:
    text = (DEPLOY / "nginx-standing.conf").read_text().replace("GATEWAY_KEY", KEY)
    with serve(Fixed()) as upstream:
        text = text.replace("model.internal:8000", upstream.url.removeprefix("http://"))
        there = text.replace("gate.internal:8080", played.gate.url.removeprefix("http://"))
        with _nginx(there, tmp_path / "there") as client:
            assert _ask(client, played.honest).status_code == 200
            held = _ask(client, played.restricted)
            assert held.status_code == 429
            assert held.json()["error"]["code"] == "rate_limit_exceeded"
            assert float(held.headers["retry-after"]) >= 1
        away = text.replace("gate.internal:8080", f"127.0.0.1:{free_port()}")
        with _nginx(away, tmp_path / "away") as client:
            assert _ask(client, played.restricted).status_code == 200


def _ask(client: httpx2.Client, account: str) -> httpx2.Response:
    asked = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    return client.post(CHAT, json=asked, headers={"x-account": account})


@contextlib.contextmanager
def _nginx(text: str, folder: Path) -> Iterator[httpx2.Client]:
    assert NGINX is not None
    folder.mkdir()
    port, config = free_port(), folder / "nginx.conf"
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
    temporary = " ".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr crit;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary} {text} }}"
    )
    command = [NGINX, "-p", str(folder), "-e", "stderr", "-c", str(config)]
    process = subprocess.Popen(command)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            while process.poll() is None:
                with contextlib.suppress(httpx2.HTTPError):
                    client.get("/healthz")
                    break
                time.sleep(0.02)
            yield client
    finally:
        process.terminate()
        process.wait()

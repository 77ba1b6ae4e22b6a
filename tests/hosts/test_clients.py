"""A thousand exchanges by each client library, directly and through a sidecar: no difference."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.hosts.hosts import CACHE, Host, environment, versions

from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

EXCHANGES = 1000
CLIENTS = ["openai", "anthropic", "litellm", "langchain-openai"]

pytestmark = [
    pytest.mark.skipif(CACHE is None, reason="`make test-hosts` runs them"),
    pytest.mark.timeout(1200),
]


class Ways(NamedTuple):
    direct: str
    gated: str


@pytest.fixture
def ways() -> Iterator[Ways]:
    quiet = {"key": "k", "telemetry": {"log": {"level": "off"}}}
    with serve(upstream()) as behind:
        gate = Gate(Relay(ProxySettings(upstream=behind.url)), quiet)
        with serve(gate.sidecar()) as front:
            yield Ways(behind.url, front.url)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_the_same_through_the_gate(ways: Ways, client: str) -> None:
    host = Host(client, (client,), ())
    script = Path(__file__).parent / "apps" / "clients.py"
    command: list[str | Path] = [
        environment(host) / "python",
        script,
        client,
        *ways,
        str(EXCHANGES),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"exchanges": EXCHANGES, "differ": []}
    with Path(str(CACHE), "clients.txt").open("a") as file:
        file.write(f"{versions(host)}: {EXCHANGES:,} exchanges\n")

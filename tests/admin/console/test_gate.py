"""What *Now* and *Health* say of the gate: how far it enforces, by what, and its own errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
from tests.admin.console.conftest import Browser

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from pathlib import Path

FILE = """\
mode: enforce
reload_interval: 0
admin: {{key: operator}}
policy: {{enforcement: {{rollout: 0.25}}}}
telemetry: {{log: {{level: "off"}}}}
proxy: {{port: {port}}}
"""


def nobody(_: object) -> str:
    raise ValueError("a mistake of the host's")


def test_the_banner_has_the_share_the_configuration_and_the_gates_own_errors(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(FILE.format(port=8080))
    gate = Gate(upstream(), config=config, identify=nobody)
    with serve(gate.sidecar()) as address:
        browser = Browser(f"{address.url}/distillgate")
        with browser.client:
            browser.sign_in("operator")
            before = browser.page("/now").text
            config.write_text(FILE.format(port=9090))
            url = f"{address.url}/distillgate/reload"
            headers = {"authorization": "Bearer operator"}
            browser.client.post(url, json={}, headers=headers)
            asked = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
            passed = httpx2.post(f"{address.url}/v1/chat/completions", json=asked, trust_env=False)
            pages = [browser.page(path).text for path in ("/now", "/health")]
            name = browser.get("/json/health").json()["config"]

    assert passed.status_code == 200
    assert "Enforcing for 25 % of those judged." in " ".join(before.split())
    assert "of the start." in before
    assert "own errors" not in before
    assert "1 own errors in identify since the start" in pages[0]
    for page in pages:
        assert f"Configuration {name}, taken " in page
        assert "taken at the next start: proxy.port." in page

"""The load balancers' configurations deal each account to one cell, and accounts to all cells."""

import contextlib
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import httpx2
import pytest
import yaml
from benchmarks.servers import free_port
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from distillgate_lab.upstream.server import serve

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def _named(name: str) -> Starlette:
    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse(name)

    return Starlette(routes=[Route("/v1/models", answer)])


def test_a_cell_that_fails_sends_nobody_elsewhere() -> None:
    servers = re.findall(
        r"^ *server cell-.*$", (DEPLOY / "nginx-cells.conf").read_text(), re.MULTILINE
    )

    assert len(servers) == 4
    assert all(server.endswith(" max_fails=0;") for server in servers)


@pytest.mark.skipif(NGINX is None, reason="there is no nginx here")
def test_nginx_deals_every_account_to_one_cell(tmp_path: Path) -> None:
    assert NGINX is not None
    port, text = free_port(), (DEPLOY / "nginx-cells.conf").read_text()
    with contextlib.ExitStack() as stack:
        for name in re.findall(r"cell-\d", text):
            address = stack.enter_context(serve(_named(name))).url.removeprefix("http://")
            text = text.replace(f"{name}.gates.internal:8080", address)
        config = tmp_path / "nginx.conf"
        text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
        config.write_text(
            f"daemon off; pid {tmp_path}/pid; error_log stderr error;\n"
            f"events {{}}\nhttp {{ access_log off; {text} }}"
        )
        command = [NGINX, "-p", str(tmp_path), "-e", "stderr", "-c", str(config)]
        process = subprocess.Popen(command)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        cells = _asked(f"http://127.0.0.1:{port}", process)

    assert all(len(set(found)) == 1 for found in cells.values())
    spread = Counter(found[0] for found in cells.values())
    assert len(spread) == 4
    assert max(spread.values()) < 60


def _asked(url: str, process: subprocess.Popen[bytes]) -> dict[str, list[str]]:
    """Ask as a hundred accounts, three times each, by one of three headers."""
    cells: dict[str, list[str]] = {}
    with httpx2.Client(base_url=url, trust_env=False) as client:
        while process.poll() is None:
            with contextlib.suppress(httpx2.HTTPError):
                client.get("/v1/models")
                break
            time.sleep(0.02)
        for number in range(300):
            key = f"sk-{number % 100}"
            header = {("x-api-key", "api-key", "authorization")[number % 100 % 3]: key}
            cells.setdefault(key, []).append(client.get("/v1/models", headers=header).text)
    return cells


def test_envoy_hashes_what_names_the_account() -> None:
    found = yaml.safe_load((DEPLOY / "envoy-cells.yaml").read_text())["static_resources"]
    (cluster,), (listener,) = found["clusters"], found["listeners"]
    (chain,) = listener["filter_chains"]
    manager = chain["filters"][0]["typed_config"]
    (route,) = manager["route_config"]["virtual_hosts"][0]["routes"]
    hashed = [
        policy.get("header", {}).get("header_name") for policy in route["route"]["hash_policy"]
    ]

    assert cluster["lb_policy"] == "RING_HASH"
    assert route["route"]["cluster"] == cluster["name"]
    assert hashed == ["authorization", "x-api-key", "api-key", None]
    assert cluster["common_lb_config"]["consistent_hashing_lb_config"]["use_hostname_for_hashing"]

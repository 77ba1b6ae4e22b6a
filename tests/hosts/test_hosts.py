"""The gate in real hosts on real servers, each in an environment of its own.

`make test-hosts` runs it: `DISTILLGATE_HOSTS` names the folder that keeps the environments, in
which `table.md` says afterwards what was run. What cannot be installed is skipped.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import orjson
import pytest
from benchmarks.servers import free_port
from tests.hosts.hosts import CACHE, HOSTS, ROOT, Host, Where, environment, versions
from tests.hosts.scenario import CAMPAIGN, CONFIG, HONEST, play

from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.drill.answer import Fate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

APPS = Path(__file__).parent / "apps"
PATIENCE = 600.0
CHAT = "/v1/chat/completions"
KEY = {"authorization": "Bearer operator"}

pytestmark = [
    pytest.mark.skipif(CACHE is None, reason="`make test-hosts` runs them"),
    pytest.mark.timeout(1800),
]


class Running(NamedTuple):
    host: Host
    client: httpx2.Client
    """Speaks to what customers speak to."""
    gate: httpx2.Client
    process: subprocess.Popen[bytes]
    log: Path


def recipes(folder: Path) -> None:
    """Write the documents' recipes, under the names they give themselves."""
    pages = (ROOT / "docs").rglob("*.md")
    for block in re.findall(r"(?ms)^```python\n(# (\w+\.py): .*?)^```", "".join(map(read, pages))):
        (folder / block[1]).write_text(block[0])


def read(page: Path) -> str:
    return page.read_text()


def prepared(host: Host, folder: Path, model: str) -> Path:
    """Fill a folder with the host's files, and return the gate's configuration in it."""
    for file in APPS.iterdir():
        if file.is_file():
            (folder / file.name).write_text(file.read_text().replace("UPSTREAM", model))
    recipes(folder)
    if "model" in host.command and not (folder / "model").exists():
        script = Path(__file__).parent / "tiny_model.py"
        python = environment(host) / "python"
        subprocess.run([python, script, folder / "model"], check=True)
    config = folder / "config.yaml"
    text = CONFIG.replace("IDENTITY", host.identity).replace("LOG", str(folder / "log"))
    # A gateway takes a 429 of what is behind it for an overloaded deployment, and rests that.
    config.write_text(text.replace("STATUS", "403" if host.where is Where.BETWEEN else "429"))
    return config


def start(host: Host, folder: Path, port: int) -> subprocess.Popen[bytes]:
    programs = environment(host)
    command = [word.replace("PORT", str(port)) for word in host.command]
    with (folder / "output").open("wb") as file:
        return subprocess.Popen(
            [programs / command[0], *command[1:]],
            cwd=folder,
            env={
                **os.environ,
                "CONFIG_FILE_PATH": str(folder / "litellm.yaml"),
                "LITELLM_MASTER_KEY": f"sk-{secrets.token_hex(32)}",
                "DISTILLGATE_CONFIG": str(folder / "config.yaml"),
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PYTHONPATH": str(folder),
                "VLLM_CPU_KVCACHE_SPACE": "1",
            },
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a host with all its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answers(client: httpx2.Client, process: subprocess.Popen[bytes], output: Path) -> None:
    """Wait until a host answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.get("/nothing")
        except httpx2.TransportError:
            assert process.poll() is None, output.read_text()[-3000:]
            assert time.monotonic() < deadline, output.read_text()[-3000:]
            time.sleep(0.1)
        else:
            return


HEAD = "| host | versions | campaign's accounts caught | honest ones touched |\n|---|---|---|---|\n"


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, str]]:
    """Keep what was run, beside the hosts of earlier runs, and write it down at the end."""
    file = Path(str(CACHE), "table.md")
    known = file.read_text().removeprefix(HEAD).splitlines() if file.exists() else []
    rows = {row.split(" (")[0].removeprefix("| "): row for row in known}
    yield rows
    shown = [rows[host.name] for host in HOSTS if host.name in rows]
    file.write_text(HEAD + "\n".join(shown) + "\n")


@pytest.fixture(scope="module", params=HOSTS, ids=lambda host: host.name)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    host: Host = request.param
    environment(host)
    folder, port = tmp_path_factory.mktemp("host"), free_port()
    base = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        model, front = stack.enter_context(serve(upstream())).url, base
        config = prepared(host, folder, "")
        if host.where is not Where.MOUNTED:
            behind = model if host.where is Where.BETWEEN else base
            gate = Gate(Relay(ProxySettings(upstream=behind)), str(config))
            sidecar = stack.enter_context(serve(gate.sidecar())).url
            model, front = (sidecar, base) if host.where is Where.BETWEEN else (model, sidecar)
        else:
            sidecar = base
        prepared(host, folder, model)
        process = start(host, folder, port)
        stack.callback(end, process)
        client, direct, pages = (
            stack.enter_context(httpx2.Client(base_url=url, trust_env=False, timeout=PATIENCE))
            for url in (front, base, sidecar)
        )
        answers(direct, process, folder / "output")
        yield Running(host, client, pages, process, folder / "log")


def ask(client: httpx2.Client, key: str, **headers: str) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": "two words"}], "max_tokens": 4}
    headers = {"authorization": f"Bearer sk-{key}", **headers}
    return client.post(CHAT, json=body, headers=headers)


def test_a_campaign_is_caught_and_honest_customers_are_not(
    running: Running, table: dict[str, str]
) -> None:
    host = running.host
    rows = play(
        str(running.client.base_url).rstrip("/"), calls=host.calls, max_tokens=host.max_tokens
    )

    campaign, honest = (rows[name] for name in (CAMPAIGN, HONEST))
    held = restricted(running.log)
    caught, touched = (
        len(row.restricted | {name for name in row.accounts if f"user-drill-{name}" in held})
        for row in (campaign, honest)
    )
    table[host.name] = (
        f"| {host.name} ({host.where.value}) | {versions(host)} "
        f"| {caught} of {len(campaign.accounts)} | {touched} of {len(honest.accounts)} |"
    )
    # A gateway tells a refusal of what is behind it in words of its own.
    worded = {"403"} if host.where is Where.BETWEEN else {"rate_limit_exceeded"}
    assert campaign.said.keys() == worded, campaign.said
    assert honest.fates == {Fate.ALLOWED: honest.exchanges}
    assert caught >= 0.8 * len(campaign.accounts)
    assert touched == 0


def restricted(log: Path) -> set[str]:
    """Return the accounts that were held back, as the gate's log names them."""
    lines = [orjson.loads(line) for line in log.read_text().splitlines()]
    return {line["account"] for line in lines if line["event"] == "decision" and line["cause"]}


def test_a_plans_limit_is_a_429_in_the_apis_shape(running: Running) -> None:
    if running.host.where is Where.BETWEEN:
        pytest.skip("LiteLLM keeps the plan's header to itself")
    found = [ask(running.client, "greedy", **{"x-plan": "tight"}) for _ in range(5)]

    assert [answer.status_code for answer in found] == [200] * 3 + [429] * 2
    assert found[-1].json()["error"]["code"] == "rate_limit_exceeded"
    assert int(found[-1].headers["retry-after"]) > 0
    assert ask(running.client, "honest").json()["choices"][0]["message"]["role"] == "assistant"


def test_streams_come_and_clients_may_leave_them(running: Running) -> None:
    body = {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": "x"}],
        "max_tokens": 4,
    }
    for key in ("reader", "leaver"):
        head = {"authorization": f"Bearer sk-{key}"}
        with running.client.stream("POST", CHAT, json=body, headers=head) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            if key == "reader":
                text = "".join(answer.iter_text())
                assert text.rstrip().endswith("data: [DONE]")
                assert text.count("data: ") >= 3

    assert ask(running.client, "honest").status_code == 200


def test_metrics_and_accounts_are_on_the_operators_pages(running: Running) -> None:
    gate = running.gate

    assert gate.get("/distillgate/metrics").status_code == 401
    metrics = gate.get("/distillgate/metrics", headers=KEY).text
    assert re.search(r'action="throttle",mode="enforce",operation="chat"} [1-9]', metrics), metrics
    assert re.search(r'failed_open_total\{where="judge"\} 0', metrics)
    assert not re.search(r"failed_open_total\{where=\"\w+\"\} [1-9]", metrics)


def test_the_log_tells_nothing_untoward(running: Running) -> None:
    """The last one of a host, which ends here."""
    running.process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.process.wait(30)
    end(running.process)
    told = running.log.read_text()

    assert ("no_lifespan" in told) is not running.host.lifespan
    assert "mounted_twice" not in told
    assert "failed_open" not in told


@pytest.mark.parametrize("host", HOSTS[:1], ids=lambda host: host.name)
def test_a_configuration_that_cannot_be_used_fails_the_start(host: Host, tmp_path: Path) -> None:
    prepared(host, tmp_path, "").write_text("mod: enforce\n")
    process = start(host, tmp_path, free_port())
    try:
        process.wait(PATIENCE)
    finally:
        end(process)

    assert "mod: unknown key; did you mean `mode`?" in (tmp_path / "output").read_text()


def test_an_environment_is_made_once() -> None:
    assert shutil.which("uv")
    assert environment(HOSTS[0]) == environment(HOSTS[0])

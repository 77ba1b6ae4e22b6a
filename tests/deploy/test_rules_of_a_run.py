"""The alert rules on what a running gate exports: all silent in a quiet minute, all firing in one
in which everything goes wrong that they are for.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import pytest
import yaml
from benchmarks.valkey import valkey
from tests.cli.conftest import running, until
from tests.deploy.test_rules import PROMTOOL, RULES, alerts, needs_promtool

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "a-long-enough-secret"
HOST = """\
import time


def identify(scope):
    trouble = dict(scope["headers"]).get(b"x-trouble")
    if trouble == b"error":
        raise ValueError("a mistake of the host's own")
    if trouble == b"wait":
        time.sleep(1.0)
    return None
"""
"""What the gate asks whose request it is: a host's function, which fails and waits on demand."""
LONG = "the river flows to the sea, and the sea is wide. " * 80_000
CALLS = 40
TIMES = re.compile(r"distillgate_(loop_lag|decision)_seconds")
"""What a busy machine can make slow in a quiet minute, too: `test_rules` has them silent."""
GROWING = "distillgate_accounts_evicted"
"""A gauge of what only grows."""


class Scrape(NamedTuple):
    """The metrics of a moment, and which of them count."""

    text: str
    values: dict[str, float]
    counters: set[str]


class Site(NamedTuple):
    """A gate as a process, which is asked as its clients and its operators ask it."""

    client: httpx2.Client
    config: Path

    def ask(self, account: str, trouble: str = "", text: str = "hello", body: bytes = b"") -> int:
        asked = {"model": "m", "messages": [{"role": "user", "content": text}]}
        headers = {"x-account": account, "x-trouble": trouble}
        given: dict[str, Any] = {"content": body} if body else {"json": asked}
        return self.client.post("/v1/chat/completions", headers=headers, **given).status_code

    def order(self, path: str, key: str = KEY, **given: str) -> Any:
        headers = {"authorization": f"Bearer {key}"}
        given = {"reason": "a test", **given}
        return self.client.post(f"/distillgate/{path}", headers=headers, json=given)

    def page(self, path: str) -> httpx2.Response:
        headers = {"authorization": f"Bearer {KEY}"}
        return self.client.get(f"/distillgate/{path}", headers=headers)

    def lag(self) -> float:
        return self.scrape().values["distillgate_loop_lag_seconds"]

    def scrape(self) -> Scrape:
        text = self.page("metrics").text
        kinds = dict(re.findall(r"(?m)^# TYPE (\w+) (\w+)$", text))
        values = {
            name: float(value)
            for name, value in re.findall(r"(?m)^(distillgate_\S+?) (\S+)$", text)
            if "_created" not in name
        }
        growing = {name for name, kind in kinds.items() if kind in ("counter", "histogram")}
        growing.add(GROWING)
        ends = re.compile(r"(_bucket|_count|_sum)?(\{.*)?$")
        bare = {name: (name.partition("{")[0], ends.sub("", name)) for name in values}
        return Scrape(text, values, {name for name in values if growing.intersection(bare[name])})


def series(before: Scrape, after: Scrape, instance: str = "a") -> dict[str, str]:
    """Return two hours in each minute of which happens what happened between two scrapes."""
    found = {}
    for name, value in after.values.items():
        first = before.values.get(name, 0.0)
        told = f"{first}+{value - first}x120" if name in after.counters else f"{value}x120"
        base, _, labels = name.partition("{")
        found[f'{base}{{instance="{instance}"{"," * bool(labels)}{labels or "}"}'] = told
    return found


def promtool(folder: Path, given: dict[str, str], expected: set[str]) -> str:
    """Return what promtool has against just these alerts firing near the end of two hours."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(expected)]
    expression = 'group by (alertname) (ALERTS{alertstate="firing"})'
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in given.items()],
        "promql_expr_test": [
            {"expr": expression, "eval_time": "115m", "exp_samples": samples},
        ],
    }
    path = folder / "test.yaml"
    whole = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}
    path.write_text(yaml.safe_dump(whole))
    command = [PROMTOOL or "", "test", "rules", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


@pytest.fixture
def phases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Scrape]]:
    """Run a gate for a quiet while and for a bad one; yield the metrics before, between, after."""
    (tmp_path / "a_host.py").write_text(HOST)
    (tmp_path / "audit").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "config.yaml"
    with valkey() as server, ExitStack() as reachable:
        address = reachable.enter_context(serve(upstream()))
        settings = {
            "mode": "enforce",
            "key": "the secret of all the hashes",
            "proxy": {"upstream": address.url, "host": "127.0.0.1", "port": port},
            "admin": {"key": KEY},
            "account": {"max_accounts": 20},
            "asgi": {"identity": {"header": "x-account", "identify": "a_host:identify"}},
            "governance": {"audit": {"path": str(tmp_path / "audit" / "log")}},
            "log": {"url": server.url},
            "reload_interval": 0,
        }
        config.write_text(yaml.safe_dump(settings))
        with (
            running(tmp_path / "log", "serve", "-c", config) as gate,
            httpx2.Client(base_url=gate.url, trust_env=False, timeout=120) as client,
        ):
            site = Site(client, config)
            found = list(quiet(site))
            clients_make_trouble(site)
            reachable.close()
            server.stop()
            shutil.rmtree(tmp_path / "audit")
            operators_make_trouble(site)
            until(lambda: site.scrape().values["distillgate_log_local"])
            until(lambda: site.ask("d", "wait") and site.lag() > 0.25)
            yield [*found, site.scrape()]


def quiet(site: Site) -> Iterator[Scrape]:
    yield site.scrape()
    for number in range(CALLS):
        assert site.ask(f"quiet-{number % 5}") == 200
    yield site.scrape()


def clients_make_trouble(site: Site) -> None:
    for number in range(CALLS):
        site.ask(f"many-{number}")  # more than are remembered
    site.ask("a", "error")
    for _ in range(12):
        site.ask("a", body=b"{")
    until(lambda: site.order("accounts/many-39/restrict", action="refuse").is_success)
    until(lambda: site.ask("many-39") == 403)
    assert [site.ask("many-39") for _ in range(4)] == [403] * 4
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: site.ask(f"b-{number}", text=LONG), range(4)))


def operators_make_trouble(site: Site) -> None:
    for number in range(10):
        site.ask(f"c-{number}")
    for number in range(12):
        site.order("kill", key=f"wrong-{number}")
    for more in ("policy: {enforcement: {rollout: 0.9}}\n", "mod: enforce\n"):
        site.config.write_text(site.config.read_text() + more)
        site.order("reload")
    site.order("kill")


@needs_promtool
def test_every_alert_is_silent_on_a_quiet_gate_and_fires_on_one_in_trouble(
    phases: list[Scrape], tmp_path: Path
) -> None:
    begin, between, end = phases
    everything = set(alerts())
    replica = "distillgate_config_hash"
    other = {f'{replica}{{instance="b"}}': f"{begin.values[replica]}x120"}

    check = [PROMTOOL or "", "check", "metrics"]
    found = subprocess.run(check, input=end.text.encode(), capture_output=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
    calm = {name: one for name, one in series(begin, between).items() if not TIMES.match(name)}
    assert promtool(tmp_path, calm, set()) == ""
    bad = series(between, end) | other
    assert promtool(tmp_path, bad, everything - {"DistillgateGone"}) == ""
    assert promtool(tmp_path, {}, {"DistillgateGone"}) == ""

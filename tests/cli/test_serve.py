"""The sidecar as a process: it relays, reloads, records, and ends when told to."""

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from benchmarks.servers import free_port
from tests.cli.conftest import ASKED, Run, running, until

from distillgate.cli.serve import adjusted
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.traffic.log import decode
from distillgate_lab.upstream.app import upstream


def test_it_serves_reloads_and_ends(tmp_path: Path, config: Path, serving: Any) -> None:
    behind = serving(upstream())
    arguments = ("serve", "--config", config, "--upstream", behind.url)
    with running(tmp_path / "log", *arguments) as sidecar:
        assert httpx2.get(sidecar.url + "/healthz").text == "ok\n"
        direct = httpx2.post(behind.url + "/v1/chat/completions", json=ASKED)
        assert sidecar.ask().content == direct.content

        good = config.read_text()
        config.write_text("mod: enforce\n")
        failed = until(lambda: sidecar.events("reload_failed"))
        assert "unknown key; did you mean `mode`?" in json.dumps(failed)
        assert sidecar.ask().status_code == 200

        config.write_text(good + "mode: enforce\n")
        until(lambda: sidecar.events("reloaded"))
        sidecar.process.send_signal(signal.SIGHUP)
        until(lambda: len(sidecar.events("reloaded")) == 2)
        assert sidecar.end() == 0


def test_it_records_what_passes(tmp_path: Path, config: Path, serving: Any) -> None:
    out = tmp_path / "traffic.jsonl.gz"
    behind = serving(upstream())
    arguments = ("record", "--out", out, "-c", config, "-u", behind.url)
    with running(tmp_path / "log", *arguments) as sidecar:
        assert sidecar.ask().status_code == 200
        assert "RECORDING" in json.dumps(sidecar.events("recording"))
        assert sidecar.end() == 0
    assert out.stat().st_mode & 0o777 == 0o600

    lines = [decode(text) for text in gzip.decompress(out.read_bytes()).splitlines()]
    assert len(lines) == 1
    assert lines[0] is not None
    assert lines[0].exchange.request.document == ASKED
    assert lines[0].outcome.status == 200
    assert lines[0].outcome.text
    assert "sk-a" not in lines[0].exchange.account


def test_what_the_upstream_fails_is_counted_and_told_at_the_pages_own_port(
    tmp_path: Path, config: Path, nowhere: str
) -> None:
    own = f"127.0.0.1:{free_port()}"
    config.write_text(config.read_text() + f"admin: {{open_metrics: true, listen: '{own}'}}\n")
    with running(tmp_path / "log", "serve", "-c", config, "-u", nowhere) as sidecar:
        assert sidecar.ask().status_code == 502
        assert httpx2.get(f"{sidecar.url}/distillgate/metrics").status_code == 404
        assert httpx2.get(f"http://{own}/v1/models").status_code == 404
        metrics = httpx2.get(f"http://{own}/distillgate/metrics").text
        assert 'distillgate_access_refused_total{why="port"} 1.0' in metrics
        assert 'distillgate_upstream_errors_total{kind="connect"} 1.0' in metrics
        [failure] = until(lambda: sidecar.events("upstream_failed"))
        assert (failure["level"], failure["status"]) == ("warning", 502)
        assert sidecar.end() == 0
        assert sidecar.events("draining")


def test_a_bad_option_is_named(run: Run) -> None:
    ended = run("serve", "--upstream", "ftp://x", "--port", "70000")
    assert ended.code == 2
    assert "--upstream: " in ended.err
    assert "--port: " in ended.err
    assert len(ended.err.splitlines()) == 2


def test_workers_without_a_folder_to_share_are_one_line() -> None:
    script = (
        "import tempfile; from distillgate.cli.main import main; tempfile.tempdir = '/none'; main()"
    )
    command = [sys.executable, "-c", script, "serve", "--workers", "2", "--port", "0"]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert b"\nproxy.workers: more than one needs a folder" in b"\n" + ended.stderr
    assert b"Traceback" not in ended.stderr


def test_what_cannot_be_listened_at_is_said_at_once(run: Run, tmp_path: Path) -> None:
    ended = run("serve", "--host", f"unix:{tmp_path}/none/socket")
    assert ended.code == 2
    assert ended.err.startswith("proxy.host: ")


def test_options_go_over_one_section_alone() -> None:
    config = Config()
    changed = adjusted(config, "proxy", {"port": 0, "host": None})
    assert changed.proxy.port == 0
    assert changed.proxy.host == config.proxy.host
    assert changed.model_copy(update={"proxy": config.proxy}) == config


def test_a_bad_option_raises_a_config_error() -> None:
    with pytest.raises(ConfigError, match="--port: "):
        adjusted(Config(), "proxy", {"port": -1})


def test_a_running_gate_explains_itself(
    tmp_path: Path, config: Path, serving: Any, run: Run
) -> None:
    behind = serving(upstream())
    extra = "admin: {key: '${ADMIN:-hush}'}\ntelemetry: {log: {sample: 1}}\n"
    config.write_text(config.read_text() + extra)
    with running(tmp_path / "log", "serve", "-c", config, "-u", behind.url) as sidecar:
        assert sidecar.ask().status_code == 200
        account = until(lambda: sidecar.events("decision"))[0]["account"]
        admin = sidecar.url + "/distillgate"
        ended = run("explain", account, "--url", admin, "--key", "hush")
        assert ended.code == 0
        assert f"account {account} of no known organisation" in ended.out
        assert run("explain", account, "--url", admin, "--key", "wrong").code == 2
        assert run("explain", "nobody", "--url", admin, "--key", "hush").code == 1

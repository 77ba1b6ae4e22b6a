"""Mistakes that people make in a configuration: each with its line and the nearest right thing."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.conftest import Run, running, until

from distillgate_lab.upstream.app import upstream

if TYPE_CHECKING:
    from pathlib import Path

KEY = "key: a-long-enough-secret\n"
CHALLENGE = "policy: {ladder: {challenge: 8}}\n"
LINKED = CHALLENGE + "actions: {challenge: {link: 'https://a.example/{%s}'}}\n"

PLANS = "policy: {plans: {named: {enterprise: {}}}}\n"

MISTAKES: list[tuple[str, int, str, str]] = [
    # Text, line, setting, and what is said of it.
    ("policy:\n  ladder: {throttle: 8, refuse: 2}", 2, "policy.ladder.refuse", "is not above"),
    (CHALLENGE, 1, "policy.ladder.challenge", "`actions.challenge.link`"),
    ("policy: {exemptions: [{account: '*', reason: x}]}", 1, "policy.exemptions[0]", "everybody"),
    ("log: {path: /dev/shm/no/x}\n" + KEY, 1, "log.path", "no such folder: /dev/shm/no"),
    ("governance: {audit: {path: /dev/shmm/audit}}", 1, "governance.audit.path", "mean `shm`?"),
    ("record: {path: /dve/null}", 1, "record.path", "did you mean `dev`?"),
    ("proxy: {certificate: /etc/none.pem}", 1, "proxy.certificate", "no such file"),
    ("proxy: {ca_file: /etc/none.pem}", 1, "proxy.ca_file", "no such file"),
    ("proxy: {upstream: 'http://localhost:8080'}", 1, "proxy.upstream", "the gate's own address"),
    ("asgi:\n  identity:\n    header: x account", 3, "asgi.identity.header", "mean `x-account`?"),
    ("actions: {bands: [{measures: [route]}]}", 1, "actions.route.models", "no model is routed"),
    ("log: {path: /dev/shm/x.db}", 1, "log.path", "needs `key`"),
    ("log: {url: 'redis://h:6379/0'}", 1, "log.url", "needs `key`"),
    # Values that are nearly right.
    ("fail: opne", 1, "fail", "did you mean `open`?"),
    ("mode: Shadow", 1, "mode", "did you mean `shadow`?"),
    ("\ntelemetry: {log: {level: warn}}", 2, "telemetry.log.level", "did you mean `warning`?"),
    ("telemetry: {log: {form: ecss}}", 1, "telemetry.log.form", "did you mean `ecs`?"),
    ("asgi: {identity: {order: [headr]}}", 1, "asgi.identity.order[0]", "did you mean `header`?"),
    ("asgi: {address: {header: x-forwared-for}}", 1, "asgi.address.header", "`x-forwarded-for`?"),
    ("actions: {bands: [{measures: [paces]}]}", 1, "actions.bands[0].measures[0]", "mean `pace`?"),
    ("signals: {off: [failovr]}", 1, "signals.off[0]", "did you mean `failover`?"),
    ("tokenizer:\n  encoding: o200k_bse", 2, "tokenizer.encoding", "did you mean `o200k_base`?"),
    ("asgi: {identity: {identify: 'json:lods'}}", 1, "asgi.identity.identify", "mean `loads`?"),
    ("risk: {calibration: /etc/hostnam}", 1, "risk.calibration", "did you mean `hostname`?"),
    ("proxy: {upstream: 'htp://model:80'}", 1, "proxy.upstream", "did you mean `http`?"),
    ("proxy: {upstream: 'model:8000'}", 1, "proxy.upstream", "did you mean `http://model:8000`?"),
    ("proxy: {host: locahost}", 1, "proxy.host", "did you mean `localhost`?"),
    ("proxy: {host: 203.0.113.7}", 1, "proxy.host", "is no address of this machine"),
    ("admin: {path: console}", 1, "admin.path", "did you mean `/console`?"),
    ("telemetry: {otel: {endpoint: 'h:4318'}}", 1, "telemetry.otel.endpoint", "`http://h:4318`?"),
    ("admin: {proxy: {header: x user}}", 1, "admin.proxy.header", "did you mean `x-user`?"),
    ("admin: {path: /healthz}", 1, "admin.path", "is the sidecar's own"),
    ("tokenizer: {folder: /etcc}", 1, "tokenizer.folder", "did you mean `etc`?"),
    ("key: ${PAHT}", 1, "key", "did you mean `PATH`?"),
    ("policy: {enforcement: {rollout: 50}}", 1, "policy.enforcement.rollout", "mean `0.5`, a"),
    ("asgi: {address: {trusted: 10.0.0.0/8}}", 1, "asgi.address.trusted", "mean `[10.0.0.0/8]`?"),
    ("governance: {webhook: {url: 'htps://h/x'}}", 1, "governance.webhook.url", "mean `https`?"),
    (
        "telemetry: {otel: {endpoint: 'http://h:4318/v1/traces'}}",
        1,
        "telemetry.otel.endpoint",
        "did you mean `http://h:4318`?",
    ),
    ("admin: {people: {anna: {role: analist}}}", 1, "admin.people.anna.role", "mean `analyst`?"),
    (LINKED % "refrence", 2, "actions.challenge.link", "did you mean `reference`?"),
    (
        "policy: {exemptions: [{account: a, reason: r, expires: 2027-01-01}]}",
        1,
        "policy.exemptions[0].expires",
        "did you mean 1798761600?",
    ),
    ("proxy: {port: '8080'}", 1, "proxy.port", "did you mean `8080` without quotes?"),
    (
        "policy: {exemptions: [{acount: a, reason: r}]}",
        1,
        "policy.exemptions[0].acount",
        "`account`",
    ),
]
DOUBTS: list[tuple[str, int, str, str]] = [
    ("policy:\n  exemptions:\n    - {account: a, reason: r, expires: 5}", 3,
     "policy.exemptions[0].expires", "is over"),
    ("\nmode: enforce", 2, "mode", ""),
    ("asgi: {identity: {key_headers: [autorization]}}", 1, "asgi.identity.key_headers[0]",
     "did you mean `authorization`?"),
    (PLANS + "actions: {bands: [{plan: entreprise, measures: [pace]}]}", 2,
     "actions.bands[0].plan", "did you mean `enterprise`?"),
    ("record: {path: t.jsonl.zst}", 1, "record.path", "is not compressed"),
    ("telemetry: {log: {destination: stder}}", 1, "telemetry.log.destination", "mean `stderr`?"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that can be written is there afterwards."""
    monkeypatch.chdir(tmp_path)


def said(path: Path, line: int, setting: str, text: str) -> str:
    """Return all that is said of a setting at a line."""
    found = re.findall(rf"(?m)^{re.escape(f'{path}:{line}: {setting}')}: .*$", text)
    assert found, text
    return "\n".join(found)


def shown(value: object) -> str:
    return str(value)[:40]


@pytest.mark.parametrize(("text", "line", "setting", "what"), MISTAKES, ids=shown)
def test_a_mistake_has_its_line_and_the_nearest_right_thing(
    run: Run, tmp_path: Path, text: str, line: int, setting: str, what: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)

    ended = run("check", "-c", path)

    assert (ended.code, ended.out) == (2, "")
    assert what in said(path, line, setting, ended.err)


@pytest.mark.parametrize(("text", "line", "setting", "what"), DOUBTS, ids=shown)
def test_what_can_hardly_be_meant_is_warned_of_with_its_line(
    run: Run, tmp_path: Path, text: str, line: int, setting: str, what: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    ended = run("check", "-c", path)

    assert ended.code == 0
    if setting == "mode":
        assert re.search(rf"{path}:\d+: key: is not set.* \(warning\)", ended.err)
        return
    found = said(path, line, setting, ended.err)
    assert what in found
    assert found.endswith("(warning)")


def test_serve_and_a_reload_find_what_check_finds(
    run: Run, tmp_path: Path, config: Path, serving: Any
) -> None:
    wrong = "policy: {exemptions: [{account: '*', reason: x}]}\n"
    (tmp_path / "wrong.yaml").write_text(wrong)
    refused = run("serve", "-c", tmp_path / "wrong.yaml", "--port", "0")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"{tmp_path}/wrong.yaml:1: policy.exemptions[0]: exempts every")

    good = config.read_text() + "admin: {key: a-long-enough-secret}\n"
    over = "policy: {exemptions: [{account: a, reason: x, expires: 5}]}\n"
    config.write_text(good + over)
    behind = serving(upstream())
    arguments = ("serve", "-c", config, "-u", behind.url)
    with running(tmp_path / "log", *arguments) as sidecar:
        pages = ("--url", f"{sidecar.url}/distillgate", "--key", "a-long-enough-secret")
        assert "is over: it exempts nobody any more (warning)" in (tmp_path / "log").read_text()
        config.write_text(good + wrong)
        failed = until(lambda: sidecar.events("reload_failed"))[0]
        assert f"{config}:4: policy.exemptions[0]: exempts everybody" in failed["error"]
        # What counts from the next start only is examined then; a doubt is told and taken.
        config.write_text(f"{good}{over}log: {{path: {tmp_path}/state.db}}\n")
        taken = run("reload", *pages)
        assert taken.code == 0, taken.err
        assert "is over: it exempts nobody any more (warning)" in taken.out
        assert "log.path: changed in the file, and counts from the next start" in taken.out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_told_with_the_way_out(run: Run, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port), "--workers", workers)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"127.0.0.1:{port}: the port is in use: end what listens there")
    assert "--port" in ended.err

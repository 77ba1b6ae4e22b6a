"""What the client saw, and why: found by the reference, at a gate and in its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import httpx2
import pytest
from tests.asgi.degraded import degraded
from tests.cli.conftest import until

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

CALL = {"model": "m-large", "messages": [{"role": "user", "content": "hi"}], "logprobs": True}


class Asked(NamedTuple):
    """A gate that degraded two calls of one account, and where it tells of them."""

    url: str
    config: Path
    log: Path
    audit: Path
    references: list[str]


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    log, audit, config = tmp_path / "log", tmp_path / "audit", tmp_path / "config.yaml"
    settings = degraded(["parameters"])
    settings |= {
        "admin": {"key": "operator"},
        "telemetry": {"log": {"destination": str(log), "form": "ocsf"}},  # the native one inside
        "governance": {"audit": {"path": str(audit)}},
    }
    config.write_text(json.dumps(settings))
    gate = Gate(upstream(), config=settings, identify=lambda _: "a-1")
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False) as client,
    ):
        headers = {"x-request-id": "ticket-4711"}
        answers = [client.post("/v1/chat/completions", json=CALL, headers=headers) for _ in "ab"]
        parts = gate.parts
        assert parts is not None
        shown = [answer.headers["x-distillgate-reference"] for answer in answers]
        until(lambda: all(map(parts.governance.outcomes.find, shown)))
        parts.telemetry.close()
        parts.governance.audit.close()
        yield Asked(f"{address.url}/distillgate", config, log, audit, shown)


def test_a_reference_is_found_at_a_gate_and_in_its_files_alike(run: Run, asked: Asked) -> None:
    first, second = asked.references
    gate = ("--url", asked.url, "--key", "operator")

    for reference, places in ((first, gate), (first, [asked.audit]), (second, [asked.audit])):
        found = run("find", reference, *places)
        assert (found.code, found.err) == (0, "")
        head, account, client, because, decided, *_ = found.out.splitlines()
        assert head == f"reference {reference}, the client's own ticket-4711"
        assert account.startswith("account   a-1, ")
        assert client.startswith("client    200, the answer, with measures taken: parameters, ")
        assert because.startswith("because   evidence that many accounts")
        assert decided.startswith("decided   degrade by ladder, risk +0.00; until ")


def test_the_configuration_names_the_files(run: Run, asked: Asked) -> None:
    found = run("find", asked.references[1], "--config", asked.config, "--json")

    assert [line["event"] for line in json.loads(found.out)] == ["acted", "restricted", "decision"]


def test_the_clients_own_reference_finds_all_that_it_named(run: Run, asked: Asked) -> None:
    found = run("find", "ticket-4711", asked.log, "--json")

    assert [line["reference"] for line in json.loads(found.out)] == asked.references
    audited = run("audit", asked.audit, "--reference", asked.references[0], "--json")
    assert json.loads(audited.out)["event"] == "restricted"
    told = run("audit", asked.audit, "--reference", asked.references[1]).out
    assert "acted a-1, by ladder, the client got 200, the answer, with measures taken" in told


def test_what_nobody_knows_is_said_so(run: Run, asked: Asked, tmp_path: Path) -> None:
    unknown = run("find", "dg-0", "--url", asked.url, "--key", "operator")

    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("dg-0: not known; ")
    assert run("find", "dg-0").code == 2, "no configuration, no log"
    assert run("find", "dg-0", tmp_path / "none").code == 2


def test_an_answer_that_nobody_touched_is_found_by_what_the_upstream_calls_it(run: Run) -> None:
    settings = {"admin": {"key": "operator"}, "telemetry": {"log": {"level": "off"}}}
    gate = Gate(upstream(), config=settings, identify=lambda _: "a-1")
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client,
    ):
        calls = [
            {**CALL, "messages": [{"role": "user", "content": f"What is {number}?"}]}
            for number in range(10)
        ]
        answers = [client.post("/v1/chat/completions", json=call) for call in calls]
        parts = gate.parts
        assert parts is not None
        names = [answer.headers["x-request-id"] for answer in answers]
        assert len(set(names)) == 10
        until(lambda: all(map(parts.governance.outcomes.find, names)))
        for name, answer in zip(names, answers, strict=True):
            where = ("--url", f"{address.url}/distillgate", "--key", "operator")
            found = run("find", name, *where, "--json")
            [line] = json.loads(found.out)
            assert line["account"] == "a-1"
            assert line["outcome"]["status"] == answer.status_code == 200
            usage = answer.json()["usage"]
            assert line["outcome"]["output_tokens"] == usage["completion_tokens"]

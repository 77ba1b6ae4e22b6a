"""What a running gate tells of a campaign: as a log would, from what it kept of no text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from benchmarks.dictionary import attack, guesses
from stix2validator import ValidationOptions, validate_string
from tests.cli.conftest import Run
from tests.intel.logged import RULES, write
from tests.intel.telling import LABS

from distillgate import Gate
from distillgate.intel.community import save
from distillgate.intel.sketch import matches, segments
from distillgate.intel.stix import EXTENSION
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

WHY = ("--reason", "asked by the forum", "--by", "anna", "--key", "operator")
EXEMPTED = "customer-7@example.com"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A gate that a campaign went through, and the folder of its audit log and of all texts."""
    folder, now = tmp_path_factory.mktemp("gate"), [1.8e9]
    save(LABS, folder / "labs.json")
    exempted = {"account": EXEMPTED, "reason": "a partner"}
    settings: dict[str, Any] = {
        "mode": "enforce",
        "admin": {"key": "operator"},
        "asgi": {"identity": {"order": ["header"], "header": "x-account"}},
        "intelligence": {"community": str(folder / "labs.json"), "sender": "our lab"},
        "policy": {"exemptions": [exempted]},
        "governance": {"audit": {"path": str(folder / "audit.jsonl")}},
        "telemetry": {"log": {"level": "off"}},
    }
    sent = write(folder / "log.jsonl")
    gate = Gate(upstream(), settings, clock=lambda: now[0])
    with serve(gate.sidecar()) as address, httpx2.Client(trust_env=False, timeout=60) as client:
        for exchange in sent:
            now[0] += 20.0
            client.post(
                f"{address.url}/v1/chat/completions",
                json=exchange.request.document,
                headers={"x-account": exchange.account},
            )
        yield f"{address.url}/distillgate", folder


def export(run: Run, gate: tuple[str, Path], *options: str) -> dict[str, Any]:
    url, folder = gate
    ended = run("intel", "export", "--url", url, "--out", folder / "out.json", *WHY, *options)
    assert ended.code == 0, ended.err
    assert ended.err == ""
    read: dict[str, Any] = orjson.loads((folder / "out.json").read_bytes())
    return read


def test_a_running_gate_tells_of_a_campaign_in_valid_stix_and_keeps_no_text(
    run: Run, played: tuple[str, Path]
) -> None:
    bundle = export(run, played)

    text = orjson.dumps(bundle).decode()
    validated = validate_string(text, ValidationOptions(version="2.1", strict_properties=False))
    assert validated.is_valid, [str(error) for error in validated.errors]
    of = {one["type"]: one for one in bundle["objects"]}
    told = of["campaign"]["extensions"][EXTENSION]
    assert told["accounts"] == 29, "whom somebody answers for is nobody's matter"
    assert 500 < told["exchanges"] < 600
    assert told["evidence"]["linkage"] > 2
    assert (told["models"], told["operations"]) == (["m"], ["chat"])
    assert of["identity"]["name"] == "our lab"
    lines = of["indicator"]["extensions"][EXTENSION]["lines"]
    sent = write(played[1] / "again.jsonl")
    key = LABS.newest
    assert all(
        matches(lines, segments(one.request, key)) == one.account.startswith("customer")
        for one in sent
    )
    corpus = (played[1] / "log.jsonl").read_bytes()
    assert attack(text, guesses(corpus)) == []
    assert attack(text, guesses(corpus), key), "with the key the very same attack finds lines"
    assert attack(text + RULES, guesses(corpus)), "and without it a text that did leak"
    assert '"event":"intelligence_told"' in (played[1] / "audit.jsonl").read_text()


def test_one_asks_for_some_campaigns_and_is_told_what_is_not_there(
    run: Run, played: tuple[str, Path]
) -> None:
    url, folder = played
    [campaign] = orjson.loads(
        run("campaign", "list", "--url", url, "--key", "operator", "--json").out
    )
    assert len(export(run, played, campaign["id"])["objects"]) > 5

    asked = ("intel", "export", "--url", url, "--out", folder / "none.json")
    unknown = run(*asked, *WHY, "c-none")
    assert unknown.code == 1
    assert "no such campaign" in unknown.err
    few = run(*asked, *WHY, "--least", "31")
    assert "none is of 31 accounts or more" in few.err
    level = run(*asked, *WHY, "--tlp", "blue")
    assert "no TLP 2.0 level is called blue" in level.err
    assert "--reason" in run(*asked, "--key", "operator").err
    assert "one of --from-log and --url" in run("intel", "export", "--out", "x").err
    assert "--community" in run("intel", "export", "--from-log", "x", "--out", "x").err
    assert not (folder / "none.json").exists()

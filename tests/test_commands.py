"""Every command that the documents show is run as it stands, at a gate that met a campaign."""

from __future__ import annotations

import gzip
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import httpx2
import orjson
import pytest
from tests.cli.conftest import line as logged
from tests.cli.conftest import until
from tests.documents import blocks
from tests.engine.conftest import World, lexicon, make_engine
from tests.intel.telling import LABS, bundle, indicator

from distillgate.campaign.jobs import complete
from distillgate.cli.main import main
from distillgate.engine.queries import Queries
from distillgate.gate import Gate
from distillgate.intel.community import save
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "http://127.0.0.1:8080"
KEY = "a-long-enough-secret"
TESTS = Path(__file__).parent
QUICK = "## In five minutes"
"""The section whose block is a script of its own."""
CONTRIBUTORS = ("CONTRIBUTING.md", "docs/extending/")
"""Pages about this repository: `test_extending` does what they say."""
ELSEWHERE = {
    "make demo": "lab/demo/test_play.py::test_a_campaign_is_caught_and_nobody_honest_is_touched",
    "make test": "test_readme.py::test_every_make_target_it_names_is_one",
    "pip install": "deploy/test_artefacts.py::"
    "test_what_the_image_is_made_of_is_a_package_that_runs_without_its_sources",
    "cat > config.yaml": "test_readme.py::test_the_sidecars_file_is_a_configuration",
    "distillgate serve --config config.yaml --workers": "cli/test_workers.py::"
    "test_requests_spread_and_any_worker_tells_the_whole_count",
    "distillgate serve": "cli/test_serve.py::test_it_serves_reloads_and_ends",
    "distillgate record": "cli/test_serve.py::test_it_records_what_passes",
    "distillgate intel push": "intel/test_looked_for.py::"
    "test_two_organisations_know_one_campaign_and_one_answers_the_other_over_taxii",
    "distillgate intel export": "intel/test_report.py::"
    "test_a_campaign_is_told_in_valid_stix_without_a_word_of_anybodys",
    "DISTILLGATE_CONFIG=config.yaml": "hosts/test_hosts.py::"
    "test_a_campaign_is_caught_and_honest_customers_are_not",
    'curl -H "$AUTH" $GATE/decide': "admin/test_decide.py::"
    "test_the_pages_of_the_documentation_are_what_is_said",
    'curl -H "$AUTH" $GATE/learn': "admin/test_decide.py::"
    "test_the_pages_of_the_documentation_are_what_is_said",
    'curl -H "$AUTH" -H "X-Original-URI': "admin/test_standing.py::"
    "test_a_restricted_account_is_held_back_and_an_honest_one_is_not",
}
"""What is not run here, and the test that runs it."""
CONFIG = """\
mode: enforce
key: the secret of all the hashes
admin: {key: "${DISTILLGATE_ADMIN_KEY}"}
asgi: {identity: {header: x-account}}
governance: {audit: {path: audit.jsonl}}
actions: {contact: help@example.com, appeal: {url: "https://api.example.com/appeal"}}
policy:
  enforcement: {onset_exchanges: 0}
  group_budget: {refill: 0.1, floor_per_day: 50}
signals: {work_list: {value_tokens: 4000}}
intelligence: {community: ours.json, trust: [a lab]}
telemetry: {log: {destination: log.jsonl}}
"""


def commands() -> list[str]:
    """Return the documents' lines for a shell, continued ones whole, without their comments."""
    found = []
    for block in blocks("sh"):
        if block.section == QUICK or block.page.startswith(CONTRIBUTORS):
            continue
        text = re.sub(r"<<'END'\n.*?^END", "", block.text, flags=re.MULTILINE | re.DOTALL)
        lines = text.replace("\\\n", " ").splitlines()
        found += [re.sub(r"\s+# .*", "", one).strip() for one in lines if one.strip()]
    return found


class Met(NamedTuple):
    """What the documents' names stand for."""

    url: str
    group: str
    other: str
    reference: str
    second: str


@pytest.fixture
def met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Met]:
    """Put a gate up that a work list was dealt at; one account has asked for a review."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISTILLGATE_ADMIN_KEY", KEY)
    Path("config.yaml").write_text(CONFIG)
    save(LABS, Path("ours.json"))
    gate = Gate(upstream(), "config.yaml")
    random = Random(1)
    world = World(make_engine(), random, words=lexicon(random, 4000))
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=120) as client,
    ):
        for text in world.work_list(300):
            words = f"Please mark this short answer, and say in two lines why.\n{text}"
            ask(client, words, f"a-{random.randrange(16) + 10}")
        refused = [
            until(lambda: refusal(ask(client, "And this?", name, "ticket-4711")))  # noqa: B023
            for name in ("a-17", "a-18")
        ]
        for answer in refused:
            appeal(client, answer.text)
        assert gate.parts is not None
        actors = complete(Queries(gate.parts.engine).actors())
        codes = list(dict.fromkeys(actor.code for actor in actors))
        names = [answer.headers["x-request-id"] for answer in refused]
        yield Met(address.url, codes[0], codes[1], *names)


def ask(
    client: httpx2.Client, text: str, account: str, reference: str = "of-no-concern"
) -> httpx2.Response:
    asked = {"model": "m", "messages": [{"role": "user", "content": text}]}
    headers = {"x-account": account, "x-request-id": reference}
    return client.post("/v1/chat/completions", json=asked, headers=headers)


def refusal(answer: httpx2.Response) -> httpx2.Response | None:
    return answer if answer.status_code == 429 else None


def appeal(client: httpx2.Client, text: str) -> None:
    """Follow the link of a refusal, and send its form."""
    found = re.search(r"https://api\.example\.com(/appeal/[\w.~-]+)", text)
    assert found, text
    (form,) = re.findall(r'name="form" value="([^"]+)"', client.get(found[1]).text)
    sent = client.post(found[1], data={"form": form, "note": "We grade essays.", "contact": ""})
    assert sent.status_code < 400


def files() -> None:
    """Write what the commands read: recorded traffic, answers of models, keys."""
    lines = [logged(number, f"a-{number % 40}") for number in range(400)]

    Path("traffic.jsonl.gz").write_bytes(gzip.compress(b"".join(lines)))
    answers = b"\n".join(orjson.dumps(f"It flows {n}. Shall I go on?") for n in range(20))
    for name in ("answers.jsonl", "innocent.jsonl"):
        Path(name).write_bytes(answers)
    Path("report.json").write_bytes(orjson.dumps(bundle("a lab", time.time(), names=("x", "y"))))
    Path("keys.txt").write_text("\n".join(f"sk-{number}" for number in range(10)))


def run(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a line of ours in this process, its redirection obeyed."""
    text, _, target = text.partition(" > ")
    words = shlex.split(text)[1:]
    if words[0] == "drill" and "--list" not in words:
        words += ["--limit", "20", "--accounts", "3", "--speed", "1e9"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr()
    assert not ended.value.code, f"{text}\n{told.out}\n{told.err}"
    if target:
        Path(target).write_text(told.out)
    return told.out


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_not_run_here_is_run_by_another_test(command: str) -> None:
    file, _, name = ELSEWHERE[command].partition("::")

    assert f"def {name}(" in (TESTS / file).read_text()


def test_every_command_of_the_documents_works(met: Met, capsys: pytest.CaptureFixture[str]) -> None:
    files()
    lines, curled = commands(), []
    stands = {
        ADDRESS: met.url, "g-24734ab42038956a": met.group, "dg-5f0c2a9be41d77c3a610": met.reference,
        " ACCOUNT": " a-17", "indicator--…": indicator("y"),
    }  # fmt: skip
    assert len(lines) > 60
    for line in lines:
        if any(line.startswith(one) for one in ELSEWHERE):
            continue
        if not line.startswith("distillgate "):
            curled.append(line)
            continue
        if curled and line.startswith("distillgate campaign list"):
            curl(curled, met)
            curled = []
        for told, meant in stands.items():
            line = line.replace(told, meant)  # noqa: PLW2901 - the same line
        run(line, capsys)
    assert curled == []
    for name in ("decisions.jsonl", "report.html", "calibration.json", "labels.json"):
        assert Path(name).stat().st_size
    assert [one for one in ELSEWHERE if not any(line.startswith(one) for line in lines)] == []


def curl(lines: list[str], met: Met) -> None:
    """Run the block of the operator's pages as one script; every answer has to be a success."""
    needed("bash", "curl", "openssl")
    text = "\n".join(line.replace("curl ", "curl -fsS -o /dev/null ", 1) for line in lines)
    for told, meant in {
        ADDRESS: met.url, "REFERENCE/answer": f"{met.second}/answer",
        "/REFERENCE": f"/{met.reference}", "/CAMPAIGN": f"/{met.other}", "/GROUP": f"/{met.other}",
        "winter list": "summer list", "/ACCOUNT/ORDER": "/a-12/exempt", "/ACCOUNT": "/a-11",
        "/NAME/ORDER": "/acme/exempt",
        "/NAME/withdraw": f"/{indicator()}/withdraw", "/ORDER": "/pardon",
    }.items():  # fmt: skip
        text = text.replace(told, meant)
    ended = subprocess.run(
        ["bash", "-euxc", text], capture_output=True, text=True, check=False, env=unproxied()
    )
    assert ended.returncode == 0, ended.stderr


def test_five_minutes_put_up_a_console_in_which_the_drills_campaign_appears(
    tmp_path: Path,
) -> None:
    """All but the installation, with other ports and a shorter drill."""
    needed("bash", "curl", "openssl")
    (block,) = (block for block in blocks("sh") if block.section == QUICK)
    install, _, script = block.text.partition("\n")
    assert "pip install" in install
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        ports = [str(taken.getsockname()[1]) for taken in (one, two)]
    for told, meant in {
        "8000": ports[0], "8080": ports[1], "$PWD/.venv/bin": str(Path(sys.executable).parent),
        '"chat users" ': '"chat users" --accounts 40 --limit 1000 --speed 1e9 ',
    }.items():  # fmt: skip
        assert told in script
        script = script.replace(told, meant)

    ended = subprocess.run(
        ["bash", "-euc", "set -m\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n" + script],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=unproxied(), timeout=110,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"(?m)^c-[0-9a-f]{16} +\d+ ", ended.stdout), ended.stdout
    assert f"http://127.0.0.1:{ports[1]}/distillgate/console: sign in with " in ended.stdout


def needed(*programs: str) -> None:
    if missing := [one for one in programs if shutil.which(one) is None]:
        pytest.skip(f"missing: apt-get install {' '.join(missing)}")


def unproxied() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}

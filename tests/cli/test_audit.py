import json
import re
from pathlib import Path

import orjson
import pytest
from tests.cli.conftest import Run
from tests.telemetry.forms.fields import CAMPAIGN, FIELDS

import distillgate
from distillgate.governance.audit import EVENTS, Audit, AuditSettings

START = "1970-01-01 00:01:00 UTC"
LINES = [
    {"ts": 0.0, "event": "killed", "by": "anna", "reason": "an outage"},
    {
        "ts": 60.0,
        "event": "restricted",
        "by": "ladder",
        "account": "a-1",
        "action": "degrade",
        "expires": 86400.0,
        "evidence": [{"signal": "links", "family": "linkage", "llr": 2.5, "text": "9 meetings"}],
    },
    {"ts": 61.0, "event": "pardoned", "by": "bo", "account": "a-2", "until": 90.0},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in LINES))
    return path


def test_it_is_printed_in_words(run: Run, log: Path) -> None:
    assert run("audit", log).out.splitlines() == [
        "1970-01-01 00:00:00 UTC  killed, by anna: reason an outage",
        f"{START}  restricted a-1, by ladder, until 1970-01-02 00:00:00 UTC: action degrade",
        "    +2.50  linkage, links: 9 meetings",
        "1970-01-01 00:01:01 UTC  pardoned a-2, by bo, until 1970-01-01 00:01:30 UTC",
    ]


def test_an_account_or_some_events_can_be_asked_for(run: Run, log: Path) -> None:
    one = run("audit", log, "--account", "a-1", "--json").out
    some = run("audit", log, "--event", "killed", "--event", "pardoned", "--json").out

    assert [json.loads(line) for line in one.splitlines()] == [LINES[1]]
    assert [json.loads(line) for line in some.splitlines()] == [LINES[0], LINES[2]]


def test_the_configuration_names_the_log(run: Run, log: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"governance: {{audit: {{path: {log}}}}}\n")

    assert run("audit", "--config", config).out == run("audit", log).out
    assert run("audit").code == 2


def test_a_log_is_verified_with_the_key_it_was_written_by(run: Run, tmp_path: Path) -> None:
    path, config = tmp_path / "audit", tmp_path / "config.yaml"
    config.write_text(f"key: a secret\ngovernance: {{audit: {{path: {path}}}}}\n")
    audit = Audit(AuditSettings(path=str(path)))
    audit.seal(b"a secret")
    for reason in ("one", "two", "three"):
        audit.write("killed", "anna", 5.0, reason=reason)
    audit.close()

    sound = run("audit", "--verify", "-c", config)
    assert sound == (0, f"{path}: every line is as it was written\n", "")
    path.write_bytes(path.read_bytes().replace(b"two", b"ten"))
    changed = run("audit", path, "--verify", "-c", config)
    assert (changed.code, changed.out) == (1, "")
    assert changed.err == f"{path}:2: was changed, or was written under another key\n"
    assert run("audit", path, "--verify").code == 2
    assert "hash" not in run("audit", path).out


def test_an_event_that_there_is_not_is_a_mistake(run: Run, log: Path) -> None:
    ended = run("audit", log, "--event", "kiled")

    assert (ended.code, ended.out) == (2, "")
    assert "did you mean `killed`?" in " ".join(ended.err.split())


def test_every_event_that_is_kept_can_be_asked_for() -> None:
    sources = Path(distillgate.__file__).parent
    its_own = "".join(path.read_text() for path in (sources / "governance").glob("*.py"))
    others = "".join(path.read_text() for path in sources.rglob("*.py"))
    names = set(re.findall(r"self\.event\(\"(\w+)\"", its_own))
    names |= set(re.findall(r"governance\.event\(\s*\"(\w+)\"", others))

    assert {"killed", "ordered", "campaign_grew"} <= names
    assert names <= set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_there_is_can_be_printed(run: Run, tmp_path: Path, event: str) -> None:
    path = tmp_path / "audit"
    fields = {"by": "gate", **FIELDS.get(event, {})}
    path.write_bytes(orjson.dumps({"ts": 0.0, "event": event, **fields}) + b"\n")

    ended = run("audit", path)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"1970-01-01 00:00:00 UTC  {event}")
    assert not re.search(r"[{}\[\]']", ended.out)


def test_a_campaign_is_told_with_its_ties(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "audit"
    line = {"ts": 0.0, "event": "campaign_appeared", "by": "gate", **CAMPAIGN}
    path.write_bytes(orjson.dumps(line) + b"\n")

    head, tie = run("audit", path).out.splitlines()

    assert "first_seen 2027-01-15 08:00:00 UTC" in head
    assert tie == "    ties: group g-1, kind prompt template, accounts 500, link 12.5"

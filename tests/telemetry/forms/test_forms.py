"""Every event of the log is accepted by the published schemas, and keeps its native line."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from tests.telemetry.forms.fields import FIELDS

from distillgate.actions.effect import Effect
from distillgate.dialects.chat import CHAT
from distillgate.policy.decision import Action, Decision, Reason
from distillgate.telemetry import LogSettings, Telemetry, TelemetrySettings
from distillgate.telemetry.forms import native
from distillgate.telemetry.forms.ocsf import OCSF
from distillgate.telemetry.log import LEVELS

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
RESULTS = [
    ("answered", Action.OBSERVE, 200),
    ("changed", Action.DEGRADE, 200),
    ("throttled", Action.THROTTLE, 429),
    ("challenged", Action.CHALLENGE, 403),
    ("refused", Action.REFUSE, 403),
    ("failed", Action.OBSERVE, 502),
    ("aborted", Action.THROTTLE, 0),
]

KINDS = {"alert", "event", "metric", "state", "signal", "asset", "enrichment", "pipeline_error"}
TYPES: dict[str, set[str]] = {
    "api": {"access", "admin", "allowed", "change", "creation", "deletion", "denied", "end",
            "info", "start", "user"},
    "authentication": {"start", "end", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "intrusion_detection": {"allowed", "denied", "info"},
    "process": {"access", "change", "end", "info", "start"},
}  # fmt: skip
"""Of the Elastic Common Schema: the event types that go with a category."""
ECS_FIELDS = {
    "@timestamp", "message", "ecs.version", "log.level", "log.logger",
    *(f"event.{name}" for name in (
        "action", "category", "dataset", "end", "id", "kind", "module", "outcome", "provider",
        "reason", "risk_score", "start", "type",
    )),
    "service.name", "service.type", "service.version", "user.id", "user.name", "user.target.id",
    "related.user", "http.response.status_code", "error.type", "error.message", "source.ip",
}  # fmt: skip
"""The schema's fields that may be used; of no others is a line made."""


def events() -> set[str]:
    """Return every event that the manual describes."""
    (table,) = re.findall(r"\| event \| when \|\n(.*?)\n\n", OPERATIONS.read_text(), re.DOTALL)
    found: set[str] = set()
    for row in table.splitlines():
        found |= set(re.findall(r"`(\w+)`", row[: row.index("|", 1)]))
    return found - {"decision"}


@pytest.fixture(params=["native", "ecs", "ocsf"])
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[dict[str, Any]]]:
    """The form, and a line of every event, as the log writes it."""
    path = tmp_path / "log"
    log = LogSettings(destination=str(path), level="debug", form=request.param)
    telemetry = Telemetry(TelemetrySettings(log=log))
    for result, action, status in RESULTS:
        for change in ("", "restricted", "released"):
            decision = Decision(
                account=f"a-{result}{change}",
                action=action,
                risk=4.5,
                families={"volume": 4.5},
                reasons=[Reason("pace", "volume", 4.5, "fast")],
                change=change,
            )
            effect = Effect("dg-1", "", result, "suspicion", status)
            telemetry.ended(CHAT, decision, effect)
    for name in sorted(events()):
        telemetry.event(name, **FIELDS.get(name, {}))
    telemetry.close()
    return request.param, [json.loads(line) for line in path.read_bytes().splitlines()]


@cache
def _validator(uid: int, *profiles: str) -> Draft202012Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=OCSF))
    name = schema.lookup_class_name_from_uid(class_uid=uid)
    return Draft202012Validator(schema.get_class_schema(class_name=name, profiles=list(profiles)))


def _flat(value: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in value.items():
        path = f"{above}{name}"
        found |= _flat(one, f"{path}.") if isinstance(one, dict) else {path: one}
    return found


def test_every_event_is_a_line_of_the_schema(lines: tuple[str, list[dict[str, Any]]]) -> None:
    form, written = lines
    names = [native(line)["event"] for line in written]

    assert len(written) == 3 * len(RESULTS) + len(events())
    assert set(names) == events() | {"decision"}
    for line in written:
        inner = native(line)
        assert inner["schema"]
        assert inner["level"] == LEVELS.get(inner["event"], "info")
        if form == "ocsf":
            profiles = line["metadata"]["profiles"]
            assert not _validator(line["class_uid"], *profiles).is_valid({**line, "time": "now"})
            assert list(_validator(line["class_uid"], *profiles).iter_errors(line)) == [], line
            assert line["type_uid"] == line["class_uid"] * 100 + line["activity_id"]
            assert line["metadata"]["version"] == OCSF
        elif form == "ecs":
            flat = _flat({name: one for name, one in line.items() if name != "distillgate"})
            assert set(flat) <= ECS_FIELDS, line
            assert flat["event.kind"] in KINDS
            (category,) = flat["event.category"]
            assert set(flat["event.type"]) <= TYPES[category]
            assert flat["event.outcome"] in {"success", "failure", "unknown"}


@pytest.mark.parametrize("lines", ["ocsf"], indirect=True)
def test_a_finding_is_created_updated_and_closed_under_one_name(
    lines: tuple[str, list[dict[str, Any]]],
) -> None:
    found = {native(line)["event"]: line for line in lines[1]}

    told = [found[f"campaign_{change}"] for change in ("appeared", "grew", "ended")]
    assert [line["type_uid"] for line in told] == [200401, 200402, 200403]
    assert [line["status_id"] for line in told] == [1, 2, 4]
    assert {line["finding_info"]["uid"] for line in told} == {"c-24734ab42038956a"}
    assert told[0]["finding_info"]["first_seen_time"] == 1_800_000_000_250
    decided = {native(line)["account"]: line for line in lines[1] if "account" in native(line)}
    restricted, released = decided["a-throttledrestricted"], decided["a-answeredreleased"]
    assert (restricted["type_uid"], restricted["action_id"]) == (200401, 2)
    assert released["type_uid"] == 200403
    assert decided["a-answered"]["class_uid"] == 6003
    assert found["killed"]["type_uid"] == 600207
    assert found["actor_budget"]["type_uid"] == 200401


@pytest.mark.parametrize("lines", ["ecs"], indirect=True)
def test_what_a_client_was_denied_is_a_failure_and_an_alert(
    lines: tuple[str, list[dict[str, Any]]],
) -> None:
    by = {native(line).get("account"): line for line in lines[1]}

    event = by["a-throttled"]["event"]
    assert (event["kind"], event["type"], event["outcome"]) == ("alert", ["denied"], "failure")
    assert by["a-throttled"]["user"] == {"id": "a-throttled"}
    assert by["a-throttled"]["http"]["response"]["status_code"] == 429
    assert by["a-answered"]["event"]["kind"] == "event"
    (ordered,) = (line for line in lines[1] if native(line)["event"] == "pardoned")
    assert ordered["user"] == {"name": "anna", "target": {"id": "a-17"}}

"""What others told is taken by a running gate, listed and withdrawn; each is audited."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.intel.telling import LABS, bundle

from distillgate import Gate
from distillgate.account.windows import DAY
from distillgate.intel.community import moment, save
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

NOW = 1.8e9
WHY = {"reason": "told by a lab", "by": "anna"}
KEY = {"authorization": "Bearer operator"}


def given(sender: str = "a lab", opinion: str | None = None) -> dict[str, Any]:
    return WHY | {"bundle": bundle(sender, NOW, opinion)}


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[httpx2.Client]:
    save(LABS, tmp_path / "labs.json")
    settings = {
        "admin": {"key": "operator"},
        "intelligence": {"community": str(tmp_path / "labs.json"), "trust": ["a lab"]},
        "governance": {"audit": {"path": str(tmp_path / "audit.jsonl")}},
        "telemetry": {"log": {"level": "off"}},
    }
    made = Gate(upstream(), settings, clock=lambda: NOW)
    with (
        serve(made.sidecar()) as address,
        httpx2.Client(
            base_url=f"{address.url}/distillgate", trust_env=False, headers=KEY, timeout=60
        ) as client,
    ):
        yield client


def test_a_report_is_taken_listed_disputed_and_withdrawn(
    gate: httpx2.Client, tmp_path: Path
) -> None:
    taken = gate.post("/intelligence", json=given())
    assert taken.json() == {"taken": 1, "withdrawn": 0, "left_out": {}}
    [held] = gate.get("/intelligence").json()
    assert (held["source"], held["lines"], held["groups"]) == ("a lab", 1, [])

    foe = gate.post("/intelligence", json=given("a foe", "disagree"))
    assert foe.json()["left_out"] == {"by a foe, who is not trusted": 1}
    assert foe.json()["withdrawn"] == 0, "who is not trusted disputes nothing"
    disputed = gate.post("/intelligence", json=given(opinion="disagree"))
    assert disputed.json()["withdrawn"] == 1
    assert gate.get("/intelligence").json() == []
    assert gate.post(f"/intelligence/{held['id']}/withdraw", json=WHY).status_code == 404

    audit = (tmp_path / "audit.jsonl").read_text()
    assert audit.count('"event":"intelligence_taken"') == 3
    assert '"by":"anna"' in audit


def test_a_person_withdraws_a_report(gate: httpx2.Client) -> None:
    gate.post("/intelligence", json=given())
    [held] = gate.get("/intelligence").json()

    gone = gate.post(f"/intelligence/{held['id']}/withdraw", json=WHY)

    assert gone.json() == {"id": held["id"], "holds": False}
    gate.post("/intelligence", json=given())
    assert gate.get("/intelligence").json() == [], "nor does it come back"


def test_an_older_version_that_is_polled_again_changes_nothing(gate: httpx2.Client) -> None:
    def take(day: int, kind: str = "indicator", **changes: object) -> dict[str, Any]:
        made = given(opinion="agree")
        for one in made["bundle"]["objects"]:
            one["modified"] = moment(NOW - 9 * DAY)
            if one["type"] == kind:
                one.update({"modified": moment(NOW + (day - 9) * DAY)} | changes)
        return dict(gate.post("/intelligence", json=made).json())

    assert take(2, valid_until=moment(NOW + 9 * DAY))["taken"] == 1
    replayed = take(1, valid_until=moment(NOW + 5 * DAY))
    assert (replayed["taken"], replayed["left_out"]) == (0, {"older than another version": 1})
    [held] = gate.get("/intelligence").json()
    assert held["until"] == NOW + 9 * DAY

    assert take(3, "opinion")["withdrawn"] == 0
    assert take(2, "opinion", opinion="disagree")["withdrawn"] == 0, "it agrees by now"
    benign = take(3, indicator_types=["benign"])
    assert benign["left_out"] == {"said to be benign": 1, "older than another version": 1}
    assert take(2)["taken"] == 0
    assert gate.get("/intelligence").json() == []
    assert take(4)["taken"] == 1
    assert take(5, revoked=True)["withdrawn"] == 1
    assert take(4)["taken"] == 0
    assert gate.get("/intelligence").json() == []


def test_what_is_no_report_and_who_may_not_are_told_so(gate: httpx2.Client) -> None:
    assert gate.post("/intelligence", json=given() | {"reason": " "}).status_code == 422
    bad = gate.post("/intelligence", json=WHY | {"bundle": {"type": "report"}})
    assert bad.status_code == 422
    assert "no STIX bundle" in bad.json()["error"]
    assert (
        gate.post("/intelligence", params=WHY, content=b" " * (1 << 24) + b"x").status_code == 413
    )
    nobody = gate.get("/intelligence", headers={"authorization": "Bearer none"})
    assert nobody.status_code == 401


def test_without_a_community_there_is_nothing_to_read_with() -> None:
    made = Gate(upstream(), {"admin": {"key": "operator"}, "telemetry": {"log": {"level": "off"}}})
    with serve(made.sidecar()) as address, httpx2.Client(trust_env=False, headers=KEY) as client:
        url = f"{address.url}/distillgate/intelligence"
        refused = client.post(url, json=given())
        assert refused.status_code == 409
        assert "intelligence.community" in refused.json()["error"]
        assert client.get(url).json() == []

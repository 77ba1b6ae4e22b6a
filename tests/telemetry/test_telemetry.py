"""The one door: what is counted, what is logged, and what never is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from distillgate.actions.effect import Effect
from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.policy.decision import Action, Decision, Reason
from distillgate.telemetry import LogSettings, Telemetry, TelemetrySettings
from distillgate.telemetry.log import SCHEMA
from distillgate.telemetry.vitals import Vitals
from distillgate.wire.operation import Operation


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def telemetry(path: Path) -> Telemetry:
    return Telemetry(settings(path))


def settings(path: Path, *, metrics: bool = True, **log: Any) -> TelemetrySettings:
    return TelemetrySettings(log=LogSettings(destination=str(path), **log), metrics=metrics)


def written(telemetry: Telemetry, path: Path) -> list[dict[str, Any]]:
    telemetry.close()
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def told(
    telemetry: Telemetry, operation: Operation, decision: Decision, reference: str = "dg-0"
) -> None:
    telemetry.exchange(operation, decision)
    telemetry.ended(operation, decision, Effect(reference, status=200))


def test_a_decision_is_logged_with_its_reasons(telemetry: Telemetry, path: Path) -> None:
    decision = Decision(
        account="a-17",
        action=Action.THROTTLE,
        risk=3.14159,
        families={"volume": 3.14159},
        reasons=[Reason("pace", "volume", 3.5, "4,100 requests in an hour")],
        group="g-3",
        code="rate_limit",
        enforced=True,
    )
    effect = Effect("dg-1", "ref-1", "changed", "suspicion", 200, None, ("parameters",), 12, 40)
    telemetry.exchange(CHAT, decision)
    telemetry.ended(CHAT, decision, effect)

    [line] = written(telemetry, path)
    line.pop("timestamp")
    assert line.pop("schema") == SCHEMA
    assert re.fullmatch("[0-9a-f]{12}", line.pop("evidence"))
    assert line == {
        "event": "decision",
        "level": "info",
        "reference": "dg-1",
        "client_reference": "ref-1",
        "operation": "chat",
        "account": "a-17",
        "action": "throttle",
        "enforced": True,
        "spared": "",
        "change": "",
        "by": "ladder",
        "mode": "enforce",
        "cause": "suspicion",
        "limit": "",
        "outcome": {
            "result": "changed",
            "status": 200,
            "measures": ["parameters"],
            "input_tokens": 12,
            "output_tokens": 40,
        },
        "risk": 3.142,
        "families": {"volume": 3.142},
        "reasons": [
            {"signal": "pace", "family": "volume", "llr": 3.5, "text": "4,100 requests in an hour"}
        ],
        "group": "g-3",
        "code": "rate_limit",
        "replayed": "",
    }
    assert (
        b'distillgate_exchanges_total{action="throttle",mode="enforce",operation="chat"} 1.0'
        in telemetry.render()
    )


def test_evidence_is_written_once_and_then_named(telemetry: Telemetry, path: Path) -> None:
    def tell(account: str, text: str) -> None:
        reasons = [Reason("links", "linkage", 3.5, text)]
        told(telemetry, CHAT, Decision(account=account, action=Action.THROTTLE, reasons=reasons))

    tell("a", "9 meetings")
    tell("b", "9 meetings")
    tell("a", "12 meetings")

    one, other, third = written(telemetry, path)
    assert one["reasons"][0]["text"] == "9 meetings"
    assert other["evidence"] == one["evidence"]
    assert "reasons" not in other
    assert third["reasons"][0]["text"] == "12 meetings"
    assert third["evidence"] != one["evidence"]


def test_allowed_exchanges_are_counted_and_not_logged(telemetry: Telemetry, path: Path) -> None:
    for _ in range(5):
        told(telemetry, MESSAGES, Decision("a"))

    assert written(telemetry, path) == []
    assert b'{action="allow",mode="shadow",operation="messages"} 5.0' in telemetry.render()


def test_allowed_exchanges_may_be_sampled(path: Path) -> None:
    telemetry = Telemetry(settings(path, sample=3))
    for number in range(10):
        told(telemetry, CHAT, Decision("a"), str(number))

    assert [line["reference"] for line in written(telemetry, path)] == ["2", "5", "8"]


def test_what_is_only_observed_is_not_said_twice_in_a_minute(path: Path) -> None:
    now = 0.0
    telemetry = Telemetry(settings(path), clock=lambda: now)

    def tell(account: str, action: Action, *signals: str) -> None:
        reasons = tuple(Reason(name, "f", 1.0, "") for name in signals)
        decision = Decision(account=account, action=action, enforced=True, reasons=reasons)
        told(telemetry, CHAT, decision)

    tell("a", Action.OBSERVE, "one")
    tell("a", Action.OBSERVE, "one")  # left out
    tell("b", Action.OBSERVE, "one")
    tell("a", Action.OBSERVE, "one", "two")
    now = 61.0
    tell("a", Action.OBSERVE, "one", "two")
    tell("a", Action.THROTTLE, "one", "two")
    tell("a", Action.THROTTLE, "one", "two")

    lines = written(telemetry, path)
    assert [line["account"] for line in lines] == ["a", "b", "a", "a", "a", "a"]


def test_an_error_of_ours_is_told_without_its_message(telemetry: Telemetry, path: Path) -> None:
    def judge() -> None:
        raise ValueError("the secret prompt")

    with pytest.raises(ValueError, match="prompt") as raised:
        judge()
    telemetry.failed("begin", raised.value)

    [line] = written(telemetry, path)
    assert (line["event"], line["level"]) == ("failed_open", "error")
    assert (line["where"], line["error"]) == ("begin", "ValueError")
    assert len(line["at"]) == 2
    assert "secret" not in path.read_text()
    assert b'distillgate_failed_open_total{where="begin"} 1.0' in telemetry.render()


def test_an_error_that_was_never_raised_can_be_told(telemetry: Telemetry, path: Path) -> None:
    telemetry.failed("finish", RecursionError())

    assert [line["at"] for line in written(telemetry, path)] == [[]]


def test_everything_else_is_counted(telemetry: Telemetry) -> None:
    telemetry.timed(0.003)
    telemetry.tokens(prompt=812, completion=604)
    telemetry.tokens(prompt=None, completion=1)
    telemetry.unread(CHAT, "json")
    telemetry.upstream_error("connect")
    telemetry.vitals = lambda: Vitals(accounts=12, groups=2)

    lines = set(telemetry.render().decode().splitlines())
    assert lines >= {
        "distillgate_decision_seconds_sum 0.003",
        'distillgate_tokens_total{direction="input"} 812.0',
        'distillgate_tokens_total{direction="output"} 605.0',
        'distillgate_unread_total{reason="json"} 1.0',
        'distillgate_upstream_errors_total{kind="connect"} 1.0',
        "distillgate_accounts 12.0",
        "distillgate_groups 2.0",
    }


def test_what_is_shared_is_counted(telemetry: Telemetry) -> None:
    telemetry.logged("appended", 3)
    telemetry.logged("appended", 4)
    telemetry.log_state(local=True, lag=0.25, backlog=1000)

    text = telemetry.render().decode()
    assert 'distillgate_log_entries_total{what="appended"} 7.0' in text
    assert "distillgate_log_local 1.0" in text
    assert "distillgate_log_lag_seconds 0.25" in text
    assert "distillgate_log_backlog_bytes 1000.0" in text


def test_no_account_becomes_a_label(telemetry: Telemetry) -> None:
    told(telemetry, CHAT, Decision("a-17", Action.REFUSE, group="g-9"), "ref-8")

    rendered = telemetry.render()
    assert not any(name in rendered for name in (b"a-17", b"g-9", b"ref-8"))


def test_rare_events_are_logged_by_name(telemetry: Telemetry, path: Path) -> None:
    telemetry.event("reloaded", path="config.yaml")
    telemetry.event("reload_failed", error="config.yaml:1: mod: unknown key")
    telemetry.event("pardoned", account="a-17")
    telemetry.event("no_key")

    lines = written(telemetry, path)
    assert [(line["event"], line["level"]) for line in lines] == [
        ("reloaded", "info"),
        ("reload_failed", "error"),
        ("pardoned", "info"),
        ("no_key", "warning"),
    ]
    assert lines[1]["error"] == "config.yaml:1: mod: unknown key"


def test_metrics_can_be_switched_off(path: Path) -> None:
    telemetry = Telemetry(settings(path, metrics=False))
    told(telemetry, CHAT, Decision("a", Action.OBSERVE))
    telemetry.timed(1)
    telemetry.tokens(1, 1)
    telemetry.unread(CHAT, "json")
    telemetry.failed("begin", ValueError())
    telemetry.upstream_error("connect")

    assert telemetry.render() == b""
    names = [line["event"] for line in written(telemetry, path)]
    assert names == ["decision", "failed_open", "upstream_failed"]


def test_new_settings_keep_what_was_counted(
    telemetry: Telemetry, path: Path, tmp_path: Path
) -> None:
    told(telemetry, CHAT, Decision("a", Action.OBSERVE))
    telemetry.configure(settings(tmp_path / "other"))
    told(telemetry, CHAT, Decision("a", Action.OBSERVE))

    assert len(written(telemetry, path)) == len(written(telemetry, tmp_path / "other")) == 1
    assert b'{action="observe",mode="shadow",operation="chat"} 2.0' in telemetry.render()
    telemetry.configure(settings(path, metrics=False))
    assert telemetry.render() == b""
    telemetry.configure(settings(path))
    assert b"distillgate_accounts 0.0" in telemetry.render()


def test_lines_that_are_lost_are_counted_until_some_are_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    telemetry = Telemetry(settings(folder / "log"))
    assert telemetry.losing == []
    for _ in range(3):
        telemetry.event("reloaded")
    telemetry.close()

    assert telemetry.losing == ["log"]
    assert b'distillgate_lost_lines_total{file="log"} 3.0' in telemetry.render()
    folder.mkdir()
    telemetry.event("reloaded")
    telemetry.close()
    assert telemetry.losing == []
    assert b'distillgate_lost_lines_total{file="log"} 3.0' in telemetry.render()

"""Requests and answers reach the engine in the order and at the times they had."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from distillgate.actions.plan import Plan
from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.policy.decision import Action, Decision
from distillgate.traffic.log import Line
from distillgate.traffic.replay import Reading, Tally, read, replay
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.reference import reference
from distillgate.wire.refusal import Refusal
from distillgate.wire.request import from_document


class Diary:
    """Writes down what it is asked to judge, and when."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, float]] = []

    def begin(self, exchange: Exchange, now: float) -> Decision:
        self.entries.append(("begin", exchange.account, now))
        return Decision(account=exchange.account)

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        return Plan()

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        assert isinstance(outcome, Outcome)
        self.entries.append(("finish", decision.account, now))


def exchange(account: str, ts: float, latency: float | None = None) -> Line:
    request = from_document(CHAT, {"model": "m", "messages": []})
    return Line(ts, Exchange(account=account, request=request), Outcome(latency=latency))


def played(*lines: Line) -> list[tuple[str, str, float]]:
    diary = Diary()
    assert [line for line, _ in replay(lines, diary)] == list(lines)
    return diary.entries


def test_an_answer_is_known_only_after_its_time() -> None:
    assert played(exchange("a", 0, 5.0), exchange("b", 1, 1.0), exchange("c", 3, 9.0)) == [
        ("begin", "a", 0),
        ("begin", "b", 1),
        ("finish", "b", 2.0),
        ("begin", "c", 3),
        ("finish", "a", 5.0),
        ("finish", "c", 12.0),
    ]


def test_answers_due_at_once_come_in_the_order_of_their_requests() -> None:
    entries = played(*(exchange(name, 0, 1.0) for name in "dcba"), exchange("e", 1))
    assert [name for kind, name, _ in entries if kind == "finish"] == ["d", "c", "b", "a", "e"]
    assert entries.index(("finish", "a", 1.0)) < entries.index(("begin", "e", 1))


def test_an_answer_of_unknown_latency_comes_at_once() -> None:
    assert played(exchange("a", 1), exchange("b", 1))[:2] == [
        ("begin", "a", 1),
        ("finish", "a", 1.0),
    ]


def test_time_never_goes_backwards() -> None:
    times = [
        now for _, _, now in played(exchange("a", 10), exchange("b", 3, 1.0), exchange("c", 11))
    ]
    assert times == sorted(times)
    assert times[0] == 10


def test_a_decision_is_given_before_the_next_line_is_read() -> None:
    pulled: list[str] = []

    def lines() -> Iterator[Line]:
        for name in "ab":
            pulled.append(name)
            yield exchange(name, 0)

    first = next(replay(lines(), Diary()))
    assert first[0].exchange.account == "a"
    assert pulled == ["a"]


def numbered(*records: Any) -> list[tuple[int, bytes]]:
    texts = [r if isinstance(r, bytes) else orjson.dumps(r) for r in records]
    return list(enumerate(texts, 1))


def test_what_is_no_exchange_is_counted_and_skipped() -> None:
    good = {"ts": 1, "account": "a", "path": "/v1/completions", "request": {"prompt": "x"}}
    warnings: list[str] = []
    reading = Reading()
    lines = numbered(good, b"\n", b"{broken", {**good, "path": "/v1/models"}, {**good, "ts": 2})
    assert [line.ts for line in read(lines, reading, warnings.append)] == [1, 2]
    assert reading == Reading(lines=4, malformed=1, untouched=1)
    assert warnings == ["line 3: skipped: not JSON"]


@pytest.mark.parametrize("action", list(Action))
def test_the_tally_counts_accounts_once(action: Action) -> None:
    tally = Tally()
    for account in "aab":
        tally.add(Decision(account=account, action=action, group="g"))
    summary = tally.summary()
    assert summary["exchanges"] == 3
    assert summary["accounts"] == 2
    assert summary["restricted"] == (2 if action >= Action.THROTTLE else 0)
    assert summary["groups"] == 1
    assert summary["actions"][action.label] == 3
    assert sum(summary["actions"].values()) == 3


def sealed(account: str, seal: str, *before: str) -> Line:
    """Have an account send sealed reasoning back, and be handed some."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "What is the sum?"}]
    thinking = [{"type": "thinking", "thinking": "", "signature": s} for s in before]
    if thinking:
        messages += [{"role": "assistant", "content": thinking}, messages[0]]
    request = from_document(MESSAGES, {"model": "m", "messages": messages})
    handed = (reference(seal) or "",)
    answered = Outcome(status=200, completion_tokens=70, latency=5.0, references=handed)
    return Line(0.0, Exchange(account, request), answered)


@pytest.mark.parametrize("enforce", [True, False])
def test_what_an_enforcing_engine_refuses_was_not_answered(enforce: bool) -> None:
    settings = EngineSettings.model_validate({"actions": {"binding": {"account": "refuse"}}})
    engine = Engine(settings, count=lambda _: 10, secret=b"replay" * 6, enforce=enforce)
    first, second = "a sealed what it was given", "b sealed what it was given"
    lines = [sealed("a", first), sealed("b", second, first)]

    for at, line in enumerate(lines):
        list(replay([line._replace(ts=10.0 * at)], engine))

    known = {account.name for account in engine.state.accounts}
    assert known == ({"a"} if enforce else {"a", "b"})
    assert len(engine.state.bindings) == (1 if enforce else 2)


def test_an_answer_that_was_refused_comes_when_the_refusal_does() -> None:
    learnt: list[tuple[int, int | None, float]] = []

    class Refuser(Diary):
        def plan(self, exchange: Exchange, decision: Decision) -> Plan:
            return Plan(refusal=Refusal(429))

        def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
            learnt.append((outcome.status, outcome.completion_tokens, now))

    line = exchange("a", 0.0, 5.0)
    list(replay([line], Refuser()))

    assert learnt == [(429, None, 0.0)]

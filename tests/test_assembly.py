"""Putting a gate together: what is slow or fails is told, and never stops a request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from distillgate.actions.effect import Effect
from distillgate.assembly import Parts, build
from distillgate.config.schema import Config
from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.errors import ConfigError
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import parse

if TYPE_CHECKING:
    from pathlib import Path


def made(told: Path, log: Any = None, **settings: Any) -> Parts:
    telemetry = {"log": {"destination": str(told)}}
    given = {"telemetry": telemetry, "log": log or {}, **settings}
    return build(Config.model_validate(given, strict=False))


def test_without_a_key_accounts_have_new_names_in_every_gate_and_that_is_told(
    tmp_path: Path,
) -> None:
    scope = {"headers": [(b"x-api-key", b"sk-1")], "client": None}
    log = tmp_path / "log"

    def name(**settings: Any) -> str:
        parts = made(log, **settings)
        identity = parts.context.identifier.identify(scope)
        parts.telemetry.close()
        assert identity is not None
        return identity.account

    assert name(key="secret") == name(key="secret")
    assert not log.exists()
    assert name() != name()
    assert "no_key" in log.read_text()


def test_an_encoding_nobody_has_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no_such_encoding"):
        made(tmp_path / "log", tokenizer={"encoding": "no_such_encoding"})


def test_a_traffic_log_that_cannot_be_opened_is_told_and_nothing_else(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parts = made(log, record={"path": str(tmp_path / "nowhere" / "traffic.jsonl")})

    async def run() -> None:
        await parts.start()
        assert parts.context.recorder is None
        await parts.close()

    asyncio.run(run())
    assert "record" in log.read_text()


def test_the_traffic_log_says_loudly_that_it_is_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parts = made(log, record={"path": str(tmp_path / "traffic.jsonl")})

    async def run() -> None:
        for _ in range(2):
            await parts.start()
            assert parts.context.recorder is not None
            await parts.close()
            assert parts.context.recorder is None

    asyncio.run(run())
    assert "every prompt and answer is kept" in log.read_text()


def test_new_settings_reach_every_part(tmp_path: Path) -> None:
    parts = made(tmp_path / "log")
    asgi = {"identity": {"key_headers": ["api-key"]}, "body": {"max_bytes": 4096}}

    parts.configure(
        Config.model_validate({"mode": "enforce", "fail": "closed", "asgi": asgi}, strict=False)
    )

    assert parts.config.mode == "enforce"
    assert parts.context.fail_closed
    assert parts.context.settings.body.max_bytes == 4096
    scope = {"headers": [(b"x-api-key", b"sk-1")], "client": None}
    assert parts.context.identifier.identify(scope) is None


def test_another_engine_may_stand_in() -> None:
    class Other(Engine):
        pass

    assert isinstance(build(Config(), engine=Other).context.engine, Other)


def test_starting_warms_the_tokenizer() -> None:
    parts = build(Config())

    async def run() -> None:
        await parts.start()
        await parts.close()

    asyncio.run(run())
    body = b'{"model":"m","messages":[{"role":"user","content":"hello there"}]}'
    assert parts.tokenizer.count(parse(CHAT, body)) > 2


def test_without_a_key_nothing_is_kept_and_that_is_told(tmp_path: Path) -> None:
    log, path = tmp_path / "log", tmp_path / "state.db"
    parts = made(log, {"path": str(path)})
    assert parts.replicator is None
    parts.telemetry.close()

    assert "log_off" in log.read_text()
    assert not path.exists()


def test_what_was_remembered_is_there_at_the_next_start(tmp_path: Path) -> None:
    def start() -> Parts:
        return made(tmp_path / "log", {"path": str(tmp_path / "state.db")}, key="k")

    async def serve(parts: Parts, name: str) -> int:
        await parts.start()
        known = len(parts.engine.state.accounts)
        body = b'{"model":"m","messages":[{"role":"user","content":"hello"}]}'
        decision = parts.engine.begin(Exchange(name, parse(CHAT, body)), 1.8e9)
        parts.engine.finish(decision, Outcome(status=200), 1.8e9)
        await parts.close()
        return known

    assert asyncio.run(serve(start(), "a")) == 0
    assert asyncio.run(serve(start(), "b")) == 1
    parts = start()
    assert asyncio.run(serve(parts, "a")) == 2
    assert "log_loaded" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("own", [True, False])
def test_who_is_forgotten_is_forgotten_by_what_stands_beside_the_state_of_each_process(
    own: bool,
) -> None:
    settings = {"key": "k" * 16, "admin": {"key": "a-long-enough-secret"}}
    parts = build(Config.model_validate(settings))
    parts.console()
    history = parts.telemetry.history
    assert history is not None
    for account in ("a-1", "a-2"):
        decision, effect = Decision(account, Action.THROTTLE), Effect(f"dg-{account}", "")
        parts.governance.outcomes.note(decision, effect, 1.0)
        history.add(decision, effect)

    parts.engine.apply(Order(2.0, "erase", "a-1"), 2.0, own=own)

    outcomes, now = parts.governance.outcomes, parts.context.clock()
    assert [outcomes.find(f"dg-{one}") is None for one in ("a-1", "a-2")] == [True, False]
    assert [history.account(one, now) is None for one in ("a-1", "a-2")] == [True, False]

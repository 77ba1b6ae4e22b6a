"""A script played at an upstream on real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distillgate.errors import ConfigError, UpstreamError
from distillgate_lab.drill.answer import Fate
from distillgate_lab.drill.play import Manner, Player, keys_of, model_of
from distillgate_lab.drill.script import Script, write
from distillgate_lab.upstream.app import Upstream, upstream

if TYPE_CHECKING:
    from tests.conftest import Serving

NOW = 1_900_000_000.0


@pytest.fixture(scope="module")
def script() -> Script:
    names = ["chat users", "live relay@shared"]
    return write(names, accounts=6, limit=60, seed="s", texts=None)


def played(script: Script, manner: Manner) -> Player:
    keys = keys_of(script.calls, None)
    player = Player(script, manner, keys, clock=lambda: NOW)
    asyncio.run(player.play())
    return player


def test_every_call_arrives_with_its_accounts_key_and_the_model(
    script: Script, serving: Serving
) -> None:
    app: Upstream = upstream()
    url = serving(app).url
    headers = {"created": "x-created", "organisation": "x-org"}

    rows = played(script, Manner(url, 1e9, "m-own", 7, headers)).rows

    assert sum(row.exchanges for row in rows.values()) == len(app.received) == 60
    assert {row.fates[Fate.ALLOWED] == row.exchanges for row in rows.values()} == {True}
    sent = {request.header("authorization") for request in app.received}
    assert sent == {f"Bearer drill-{call.record['account']}" for call in script.calls}
    assert {request.json["model"] for request in app.received} == {"m-own"}
    assert {request.json["max_tokens"] for request in app.received} == {7}
    assert {request.header("x-forwarded-for") for request in app.received} == {
        call.record["client"]["ip"] for call in script.calls
    }
    assert {request.header("x-org") for request in app.received} == {None}
    created = {float(str(request.header("x-created"))) for request in app.received}
    assert all(at <= NOW for at in created)
    assert max(created) > NOW - 2000 * 86400.0


def test_conversations_carry_what_was_really_answered(script: Script, serving: Serving) -> None:
    app: Upstream = upstream(answer=lambda text: f"Really: {len(text)}")
    played(script, Manner(serving(app).url, 1e9, "m"))

    carried = [
        message["content"]
        for request in app.received
        for message in request.json["messages"]
        if message["role"] == "assistant"
    ]
    assert len(carried) > 5
    assert {text.startswith("Really: ") for text in carried} == {True}


def test_an_account_that_is_told_to_wait_is_held_back(script: Script, serving: Serving) -> None:
    from starlette.responses import JSONResponse

    app = JSONResponse({"error": {"code": "suspected_extraction"}}, 429, {"retry-after": "600"})
    rows = played(script, Manner(serving(app).url, 1e9, "m")).rows

    for row in rows.values():
        assert row.first == 0
        assert row.restricted == row.accounts
        assert row.fates[Fate.THROTTLED] >= len(row.accounts)
    assert sum(row.fates[Fate.HELD] for row in rows.values()) > 0


def test_a_target_that_does_not_answer_fails_every_call(script: Script, nowhere: str) -> None:
    rows = played(script, Manner(nowhere, 1e9, "m")).rows

    assert sum(row.fates[Fate.FAILED] for row in rows.values()) == 60


def test_the_first_model_listed_is_asked(serving: Serving, nowhere: str) -> None:
    assert asyncio.run(model_of(serving(upstream()).url, "k")) == "m-small"
    with pytest.raises(UpstreamError, match="--model"):
        asyncio.run(model_of(nowhere, "k"))


def test_an_address_that_does_not_answer_is_named_without_its_password(nowhere: str) -> None:
    address = nowhere.replace("://", "://anna:secret@")
    with pytest.raises(UpstreamError, match="cannot list its models") as told:
        asyncio.run(model_of(address, "key"))

    assert "secret" not in str(told.value)


def test_every_account_has_a_key_of_its_own_or_the_drill_does_not_begin(script: Script) -> None:
    accounts = {call.record["account"] for call in script.calls}
    given = [f"sk-{number}" for number in range(len(accounts))]

    assert sorted(keys_of(script.calls, given).values()) == sorted(given)
    with pytest.raises(ConfigError, match="--accounts"):
        keys_of(script.calls, given[1:])

"""Exchanges that others forward are bounded, and end as aborted where nobody tells of them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from tests.asgi.conftest import BODY, Harness, request

from distillgate.asgi import detached
from distillgate.asgi.detached import Detached, Detaching, Forward, Respond

if TYPE_CHECKING:
    from distillgate.asgi.context import Context

Play = Callable[["Context", Detaching], Coroutine[Any, Any, None]]
START = {"type": "http.response.start", "status": 200, "headers": []}


def played(harness: Harness, play: Play, **options: Any) -> None:
    async def run() -> None:
        context = harness.context(**options)
        try:
            await play(context, Detaching(context))
        finally:
            await harness.tasks.close()
            await asyncio.sleep(0)  # the engine is told in the loop's next turn

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the loop's turns are what is waited for
        await asyncio.sleep(0)


def exchange(**options: Any) -> Detached:
    return Detached(request()[0], BODY, **options)


async def forwarded(detaching: Detaching, **options: Any) -> Detached:
    one = exchange(**options)
    found = await detaching.begin(one)
    assert found == Forward(learns=True)
    return one


def test_what_nobody_tells_of_ends_as_if_its_client_had_gone_away(harness: Harness) -> None:
    async def play(context: Context, detaching: Detaching) -> None:
        one = await forwarded(detaching, expires=0.0)
        await until(lambda: bool(harness.heard.effects))
        assert one.over
        assert detaching.find(one.id) is None
        assert context.ledger.held == 0

    played(harness, play)
    assert [effect.result for effect in harness.heard.effects] == ["aborted"]


def test_an_end_ends_what_is_under_way(harness: Harness) -> None:
    async def play(context: Context, detaching: Detaching) -> None:
        await forwarded(detaching)
        assert context.ledger.held == len(BODY)

    played(harness, play)
    assert [effect.result for effect in harness.heard.effects] == ["aborted"]


def test_an_answer_that_breaks_off_is_aborted_and_charged_by_what_came(harness: Harness) -> None:
    async def play(_: Context, detaching: Detaching) -> None:
        one = await forwarded(detaching)
        kind = [(b"content-type", b"text/event-stream")]
        event = b'data: {"choices": [{"delta": {"content": "yes"}}]}\n\n'
        assert await one.tell({**START, "headers": kind}) == [{**START, "headers": kind}]
        part = {"type": "http.response.body", "body": event, "more_body": True}
        assert await one.tell(part) == [part]
        assert detaching.find(one.id) is one
        one.abandon()
        one.abandon()
        assert detaching.find(one.id) is None

    played(harness, play)
    [effect] = harness.heard.effects
    assert effect.status == 200
    [decision] = harness.heard.decisions
    assert decision.account.startswith("k-")


def test_the_oldest_goes_where_there_are_too_many_or_their_bodies_are_too_long(
    harness: Harness,
) -> None:
    async def play(_: Context, detaching: Detaching) -> None:
        first, *others = [await forwarded(detaching) for _ in range(11)]
        assert detaching.find(first.id) is None
        assert all(detaching.find(one.id) is one for one in others)

    played(harness, play, body={"max_bytes": 1024, "max_held_bytes": 20 * len(BODY)})
    assert len(harness.heard.effects) == 11
    assert {effect.result for effect in harness.heard.effects} == {"aborted"}


def test_nothing_is_kept_of_what_has_ended(harness: Harness) -> None:
    async def play(_: Context, detaching: Detaching) -> None:
        one = await forwarded(detaching)
        await one.tell(START)
        await one.tell({"type": "http.response.body", "body": b"{}"})
        kept = weakref.ref(one)
        del one
        await until(lambda: kept() is None)

    gc.disable()
    try:
        played(harness, play)
    finally:
        gc.enable()


def test_what_is_not_read_is_not_waited_for(harness: Harness) -> None:
    async def play(context: Context, detaching: Detaching) -> None:
        for body in (b"{", b"[]"):
            one = Detached(request(body)[0], body)
            assert await detaching.begin(one) == Forward()
            assert (one.judged, detaching.find(one.id)) == (None, None)
        await until(lambda: not context.ledger.held)

    played(harness, play)
    assert harness.heard.reasons == ["malformed", "malformed"]


def test_a_gate_that_fails_lets_pass_or_answers_as_it_is_told(harness: Harness) -> None:
    def broken(_: object) -> str:
        raise RuntimeError("the host's fault")

    async def passes(_: Context, detaching: Detaching) -> None:
        assert await detaching.begin(exchange()) == Forward()

    async def answers(_: Context, detaching: Detaching) -> None:
        found = await detaching.begin(exchange())
        assert isinstance(found, Respond)
        assert found.status == 503

    played(harness, passes, identify=broken)
    played(Harness(), answers, identify=broken, fail_closed=True)


def test_the_bounds_are_those_that_are_told() -> None:
    assert detached.UNDER_WAY == 16_384
    assert detached.EXPIRES == 900.0

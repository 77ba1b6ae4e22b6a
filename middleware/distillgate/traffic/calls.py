"""Calls that another program's log tells of, as exchanges with their outcomes."""

from collections.abc import Callable

from distillgate.traffic.formats.form import Call, said
from distillgate.wire import document
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request
from distillgate.wire.response import Tap

_STREAMED = ("data:", "event:", ":")
"""How the text of a stream of events begins."""


def exchange_of(
    call: Call, account: str, request: Request, hashed: Callable[[str], str]
) -> Exchange:
    """Return a call as an exchange. `hashed` hashes what it was paid with."""
    payment = None if call.payment is None else hashed(call.payment)
    return Exchange(
        account=account,
        request=request,
        path=call.path,
        id=call.id,
        plan=call.plan,
        organisation=call.organisation,
        client=Client(call.ip, call.user_agent, [h.lower() for h in call.headers], call.ja4),
        attributes=Attributes(call.created, payment, call.end_user),
    )


def outcome_of(call: Call, operation: Operation) -> Outcome:
    """Return what became of a call, read from its answer's body where there is one."""
    status = call.status or 0
    read = Outcome(status)
    if call.answer not in (None, "") and (200 <= status < 300 or not status):
        told = call.answer if isinstance(call.answer, str) else ""
        streamed = told.lstrip().startswith(_STREAMED)
        tap = Tap(
            operation,
            status=status or 200,
            content_type="text/event-stream" if streamed else "application/json",
        )
        tap.feed(told.encode("utf-8", "replace") if told else document.write(call.answer))
        read = tap.close()
        read.text = read.text or (None if streamed else said(call.answer))
    return Outcome(
        status=status,
        prompt_tokens=_first(call.prompt_tokens, read.prompt_tokens),
        completion_tokens=_first(call.completion_tokens, read.completion_tokens),
        finish_reason=call.finish_reason or read.finish_reason,
        model=read.model or call.model,
        text=call.text or read.text,
        references=read.references,
        latency=call.latency,
    )


def _first(told: int | None, read: int | None) -> int | None:
    return read if told is None or told < 0 else told

"""Requests that are sent by the hundred and answered later: Anthropic's, Google's and Mistral's.

What they ask is read and paid for as any prompt. Their answers are files that come hours later, of
which nobody here is told: no output is counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from distillgate.dialects import gemini, messages
from distillgate.dialects.invocations import INVOCATIONS, called
from distillgate.dialects.openai import ERRORS
from distillgate.errors import WireError
from distillgate.wire.content import MESSAGE_LIMIT, newest
from distillgate.wire.fields import first, mapping
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import Operation, Output

_ASKED = ("params", "request", "body")
_FRAMES = ("batch", "inputConfig", "input_config", "requests")


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read each request of a batch as the call that it is of, the newest first.

    What is past the bound on turns counts as what no dialect read (`fingerprint.payloads`).
    """
    reading = Reading([], 0, Parameters())
    read: set[int] = set()
    found: list[Message] = []
    items = _requests(document)
    for item in reversed(newest(items)):
        asked = mapping(first(mapping(item), _ASKED))
        try:
            one = called(asked).read(asked)
        except WireError:  # an empty one
            continue
        reading.turns += one.turns
        reading.token_ids += one.token_ids
        if not found or len(found) + len(one.messages) <= MESSAGE_LIMIT:
            found += reversed(one.messages)
            read |= one.read
    reading.messages = found[::-1]
    reading.prompts, reading.read = max(1, len(items)), read
    return reading


def _requests(document: Mapping[str, Any]) -> list[Any]:
    """Return the requests, however many objects they are wrapped in."""
    for value in _unwrapped(document):
        if isinstance(value, list):
            return value
    return []


def _unwrapped(document: Mapping[str, Any]) -> Iterator[Any]:
    inner: Any = document
    for _ in _FRAMES:
        inner = first(mapping(inner), _FRAMES)
        yield inner


def _batch(name: str, ending: str, operation: Operation) -> Operation:
    return replace(
        INVOCATIONS,
        name=name,
        endings=(ending,),
        read=read_request,
        errors=operation.errors,
        output=Output.NONE,
        content=(*operation.content, "requests", "batch"),
        choose=None,
    )


MESSAGE_BATCHES = _batch("message_batches", "/v1/messages/batches", messages.MESSAGES)
GEMINI_BATCHES = _batch("gemini_batches", ":batchgeneratecontent", gemini.GEMINI)
BATCH_JOBS = replace(_batch("batch_jobs", "/batch/jobs", INVOCATIONS), errors=ERRORS)

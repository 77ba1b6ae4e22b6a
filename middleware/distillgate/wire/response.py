"""Reading an answer as it passes, in bounded memory, without holding a byte back."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from distillgate.errors import WireError
from distillgate.wire import chat, document, encoding, messages, responses
from distillgate.wire.answer import TEXT_LIMIT, Answer
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.outline import Outline
from distillgate.wire.sse import Reader
from distillgate.wire.usage import Shape

__all__ = ["BODY_LIMIT", "TEXT_LIMIT", "Tap"]

BODY_LIMIT = 1 << 20
"""Bytes of a JSON answer that are kept to be read; of a longer one only its outline."""

EMBEDDINGS_LIMIT = 1 << 14
"""The same for embeddings: vectors are nothing to read."""


class _Reader(NamedTuple):
    """How one call's answers are read."""

    answer: Callable[[Answer, Mapping[str, Any]], None]
    event: Callable[[Answer, Mapping[str, Any]], None]
    usage: tuple[Shape, ...] = chat.USAGE
    wanted: frozenset[bytes] | None = None
    """The names of the events worth reading; None where events have no names."""


_CHAT = _Reader(chat.read_answer, chat.read_event)
_MESSAGES = _Reader(messages.read_answer, messages.read_event, messages.USAGE, messages.WANTED)
_RESPONSES = _Reader(responses.read_answer, responses.read_event, wanted=responses.WANTED)
_READERS = {
    Operation.CHAT: _CHAT,
    Operation.COMPLETIONS: _CHAT,
    Operation.EMBEDDINGS: _CHAT,
    Operation.INVOCATIONS: _CHAT,
    Operation.RESPONSES: _RESPONSES,
    Operation.COMPACT: _RESPONSES,
    Operation.MESSAGES: _MESSAGES,
    Operation.COUNT_TOKENS: _MESSAGES,
}
"""The calls whose answers are read. Of the others one may have come to anything: it is missed."""

_NO_OUTPUT = frozenset({Operation.EMBEDDINGS, Operation.GEMINI_EMBED, Operation.RANKING})


class Tap:
    """Reads a passing answer: chunks in, an `Outcome` at the end. Any chunking gives the same.

    Never raises for what an upstream sends: what cannot be read is not known. Error answers
    (status outside 2xx) are not read. `content_encoding` is the answer's own; gzip, deflate, br
    and zstd are decoded, also one after the other; under any other nothing but the status is known.

    Holds at most `BODY_LIMIT` bytes of a JSON answer, one event of a stream, and `TEXT_LIMIT`
    characters of text; of what is longer, its outline (`wire.outline`).
    """

    __slots__ = ("_answer", "_body", "_inflater", "_operation", "_status")

    def __init__(
        self, operation: Operation, *, status: int, content_type: str, content_encoding: str = ""
    ) -> None:
        self._operation = operation
        self._status = status
        self._answer = Answer()
        self._inflater: encoding.Inflater | None = None
        self._body = _body(operation, content_type, self._answer) if 200 <= status < 300 else None
        if content_encoding:
            self._inflater = encoding.inflater(content_encoding)
            self._body = self._body if encoding.known(content_encoding) else None

    def feed(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes of the body (a `memoryview`, as Starlette hands out, is fine)."""
        if self._body is None:
            self._answer.missed = self._answer.missed or len(chunk) > 0
            return
        if self._inflater is None:
            self._body.feed(bytes(chunk))
            return
        for piece in self._inflater.feed(bytes(chunk)):
            self._body.feed(piece)
        if self._inflater.broken:
            self._body = None
            self._answer = Answer(missed=True)

    def close(self, *, aborted: bool = False, latency: float | None = None) -> Outcome:
        """Return what is known, now that no more bytes come."""
        answer = self._answer
        if self._body is not None:
            self._body.close()
            self._body = None
        if self._inflater is not None and self._inflater.cut:
            answer.missed = True
        prompt, output = self._usage()
        unread = self._operation not in _READERS and self._operation not in _NO_OUTPUT
        missed = answer.missed or (unread and not answer.chars)
        return Outcome(
            status=self._status,
            prompt_tokens=prompt,
            completion_tokens=output,
            finish_reason=answer.finish_reason,
            model=answer.model,
            text=answer.text,
            references=tuple(answer.references),
            latency=latency,
            aborted=aborted,
            answer_chars=answer.chars,
            answer_deltas=answer.deltas,
            missed=missed and 200 <= self._status < 300 and output is None,
            awaited=answer.awaited,
        )

    def _usage(self) -> tuple[int | None, int | None]:
        """Return the tokens of prompt and output, as far as they were told."""
        answer, shapes = self._answer, _READERS.get(self._operation, _CHAT).usage
        if self._operation is Operation.COUNT_TOKENS:
            return (0, 0) if 200 <= self._status < 300 and not answer.missed else (None, None)
        prompt, output = answer.usage.prompt(*shapes), answer.usage.output(answer.chars, *shapes)
        if self._operation in _NO_OUTPUT and prompt is not None:
            output = 0
        return prompt, output


class _Body(Protocol):
    """Reads a body of one form into an `Answer`."""

    def feed(self, chunk: bytes) -> None: ...

    def close(self) -> None: ...


def _body(operation: Operation, content_type: str, answer: Answer) -> _Body | None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return _Stream(_READERS.get(operation, _CHAT), answer)
    if not kind or kind.endswith(("/json", "+json")):
        limit = EMBEDDINGS_LIMIT if operation is Operation.EMBEDDINGS else BODY_LIMIT
        return _Whole(_READERS.get(operation, _CHAT), answer, limit)
    return None


class _Stream:
    """Server-sent events, each read as it completes."""

    __slots__ = ("_answer", "_how", "_reader")

    def __init__(self, how: _Reader, answer: Answer) -> None:
        self._how = how
        self._answer = answer
        self._reader = Reader()

    def feed(self, chunk: bytes) -> None:
        answer, wanted = self._answer, self._how.wanted
        for name, data in self._reader.feed(chunk):
            if wanted is not None and name and name not in wanted:
                continue
            if data.startswith(b"[DONE]"):
                continue
            try:
                event = document.read(data)
            except WireError:
                answer.missed = True
                continue
            if isinstance(event, dict):
                before = answer.chars
                self._how.event(answer, event)
                answer.deltas += answer.chars > before

    def close(self) -> None:
        """Do nothing: an event that has not ended is none."""


class _Whole:
    """One JSON document, read when it is complete."""

    __slots__ = ("_answer", "_how", "_kept", "_limit", "_outline")

    def __init__(self, how: _Reader, answer: Answer, limit: int) -> None:
        self._how = how
        self._answer = answer
        self._limit = limit
        self._kept = bytearray()
        self._outline: Outline | None = None
        """What is kept of it past the limit."""

    def feed(self, chunk: bytes) -> None:
        if self._outline is not None:
            self._outline.feed(chunk)
            return
        self._kept += chunk
        if len(self._kept) > self._limit:
            self._outline = Outline()
            self._outline.feed(bytes(self._kept))
            self._kept.clear()

    def close(self) -> None:
        whole = self._outline is None
        if whole and not self._kept:
            return
        self._answer.missed = not whole
        try:
            answer = document.read(
                bytes(self._kept) if self._outline is None else self._outline.document()
            )
        except WireError:
            self._answer.missed = True
            return
        if isinstance(answer, dict):
            self._how.answer(self._answer, answer)
        else:
            self._answer.missed = True

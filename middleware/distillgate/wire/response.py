"""Reading an answer as it passes, in bounded memory, without holding a byte back."""

from collections.abc import Iterator
from typing import Protocol

from distillgate.errors import WireError
from distillgate.wire import document, encoding
from distillgate.wire.answer import TEXT_LIMIT, Answer
from distillgate.wire.bounds import NARROW
from distillgate.wire.exchange import Outcome
from distillgate.wire.framing import Elements, Frames, Lines
from distillgate.wire.operation import BODY_LIMIT, SEVERAL, Answers, Operation, Output
from distillgate.wire.outline import Kept
from distillgate.wire.sse import Event, Reader

__all__ = ["BODY_LIMIT", "TEXT_LIMIT", "Tap"]

_LINES = frozenset({
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    "application/x-jsonl", "application/jsonlines", "application/stream+json",
})  # fmt: skip
"""The names that lines of JSON go by."""


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
        return Outcome(
            status=self._status,
            prompt_tokens=prompt,
            completion_tokens=output,
            finish_reason=answer.finish_reason,
            model=answer.model,
            text=answer.text,
            references=tuple(answer.references),
            id=answer.id,
            latency=latency,
            aborted=aborted,
            answer_chars=answer.chars,
            answer_carried=answer.carried,
            answer_deltas=answer.deltas,
            missed=answer.missed and 200 <= self._status < 300 and output is None,
            awaited=answer.awaited,
        )

    def _usage(self) -> tuple[int | None, int | None]:
        """Return the tokens of prompt and output, as far as they were told."""
        answer, operation = self._answer, self._operation
        if operation.output is Output.FREE:
            return (0, 0) if 200 <= self._status < 300 and not answer.missed else (None, None)
        usage, shapes = answer.usage, operation.answers.usage
        prompt, output = usage.prompt(*shapes), usage.output(answer.chars, *shapes)
        if operation.output is Output.NONE and prompt is not None:
            output = 0
        return prompt, output


class _Body(Protocol):
    """Reads a body of one form into an `Answer`."""

    def feed(self, chunk: bytes) -> None: ...

    def close(self) -> None: ...


def _body(operation: Operation, content_type: str, answer: Answer) -> _Body | None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return _Stream(operation.answers, answer, Reader())
    if kind in _LINES:
        return _Stream(operation.answers, answer, Lines())
    if not kind or kind.endswith(("/json", "+json")):
        if operation.answers.array:
            return _Stream(operation.answers, answer, Elements())
        return _Whole(operation, answer)
    return None


class _Stream:
    """Events, lines or the elements of an array, each read as it completes."""

    __slots__ = ("_answer", "_frames", "_how")

    def __init__(self, how: Answers, answer: Answer, frames: Frames) -> None:
        self._how = how
        self._answer = answer
        self._frames = frames

    def feed(self, chunk: bytes) -> None:
        self._read(self._frames.feed(chunk))

    def close(self) -> None:
        self._read(self._frames.end())

    def _read(self, events: Iterator[Event]) -> None:
        answer, wanted = self._answer, self._how.wanted
        for name, data in events:
            if wanted is not None and name and name not in wanted:
                continue
            if data.startswith(b"[DONE]"):
                continue
            try:
                event = document.read(data, NARROW)
            except WireError:
                answer.missed = True
                continue
            if isinstance(event, dict):
                before = answer.chars
                self._how.event(answer, event)
                answer.deltas += answer.chars > before


class _Whole:
    """One JSON document, read when it is complete."""

    __slots__ = ("_answer", "_kept", "_operation")

    def __init__(self, operation: Operation, answer: Answer) -> None:
        self._operation = operation
        self._answer = answer
        self._kept = Kept(operation.kept)

    def feed(self, chunk: bytes) -> None:
        self._kept.feed(chunk)

    def close(self) -> None:
        answer = self._answer
        if not self._kept:
            return
        answer.missed = self._kept.is_outline
        try:
            found = document.read(self._kept.take(), NARROW)
        except WireError:
            answer.missed = True
            return
        if isinstance(found, list):
            found = {SEVERAL: found}
        if isinstance(found, dict):
            self._operation.answers.whole(answer, found)
        answer.missed = answer.missed or self._empty(found)

    def _empty(self, found: object) -> bool:
        """Return whether an answer that should say something says nothing that is read.

        It may have come to anything, where it is neither an error nor still to come.
        """
        answer = self._answer
        if self._operation.output is not Output.TEXT or answer.chars or answer.finish_reason:
            return False
        return answer.awaited is None and not (isinstance(found, dict) and found.get("error"))

"""The traffic log's lines: JSON, one exchange each, ordered by `ts`.

Reading is tolerant: unknown keys are ignored, a missing or mistyped optional one is "not known".
Nothing is read that a live request would not carry.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from gzip import GzipFile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self, cast
from zlib import error as ZlibError  # noqa: N812  (an exception, whatever its case)

from distillgate.dialects.registry import match, model_in
from distillgate.errors import WireError
from distillgate.wire import document
from distillgate.wire.answer import REFERENCE_LIMIT, TEXT_LIMIT
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.fields import integer, mapping, number, sequence
from distillgate.wire.request import from_document

LINE_LIMIT = 64 << 20
"""Bytes of a line that is still read; a longer one is malformed."""

_BUFFER = 1 << 20


class LineError(ValueError):
    """A line is not an exchange of the log's format."""


class Line(NamedTuple):
    """One recorded exchange: when its request came, what it was, what became of it."""

    ts: float
    exchange: Exchange
    outcome: Outcome


def decode(line: bytes) -> Line | None:
    """Read one line; None for a call the gate does not read, which passes untouched.

    Raises `LineError` for what is not a line of the log.
    """
    record = _record(line)
    path: str = record["path"]
    path = path.partition("?")[0]
    operation = match(_text(record.get("method")) or "POST", path)
    if operation is None:
        return None
    try:
        request = from_document(operation, record["request"])
    except WireError:
        return None
    request.model = request.model or model_in(path)
    client = mapping(record.get("client"))
    exchange = Exchange(
        account=record["account"],
        request=request,
        path=path,
        id=_text(record.get("id")) or "",
        plan=_text(record.get("plan")),
        organisation=_text(record.get("org")),
        client=_client(client),
        attributes=_attributes(mapping(record.get("attributes"))),
    )
    return Line(record["ts"], exchange, read_response(record.get("response")))


def encode(exchange: Exchange, asked: Mapping[str, Any], outcome: Outcome, ts: float) -> bytes:
    """Write one line, newline included. `asked` is the request's JSON as it came.

    `id` goes beyond the format's keys, for a reader who knows it. Raises `WireError` for what
    cannot be written.
    """
    client, attributes = exchange.client, exchange.attributes
    record = {
        "ts": ts,
        "id": exchange.id,
        "account": exchange.account,
        "plan": exchange.plan,
        "org": exchange.organisation,
        "attributes": {
            "created": attributes.created,
            "payment": attributes.payment,
            "end_user": attributes.end_user,
        },
        "client": {
            "ip": client.ip,
            "user_agent": client.user_agent,
            "headers": list(client.headers),
            "ja4": client.ja4,
        },
        "method": "POST",
        "path": exchange.path,
        "request": asked,
        "response": _response(outcome),
    }
    return document.write(record) + b"\n"


class Log:
    """A log being read, from a file (gzip by suffix) or, as `-`, from standard input.

    Iterating gives `(line number, bytes)`. A file that breaks off (a compressed one whose writer
    was killed) ends there, after a call of `warn`. `OSError` is raised as it comes.
    """

    def __init__(self, path: str, *, warn: Callable[[str], None]) -> None:
        self._path = path
        self._warn = warn
        self._raw: BinaryIO
        self._lines: BinaryIO
        if path == "-":
            self._raw = self._lines = sys.stdin.buffer
            return
        self._raw = Path(path).open("rb", buffering=_BUFFER)  # noqa: SIM115  (`__exit__` closes it)
        self._lines = self._raw
        if path.endswith(".gz"):
            # Not buffered once more: a buffer that meets the broken end loses what it holds.
            self._lines = cast("BinaryIO", GzipFile(fileobj=self._raw))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path != "-":
            self._lines.close()
            self._raw.close()

    @property
    def size(self) -> int | None:
        """Bytes of the file as it lies there; None where there is no telling."""
        if self._path == "-":
            return None
        return Path(self._path).stat().st_size

    @property
    def position(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""
        with suppress(OSError):
            return self._raw.tell()
        return 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        number = 0
        readline = self._lines.readline
        while True:
            number += 1
            try:
                line = readline(LINE_LIMIT)
                if len(line) == LINE_LIMIT and not line.endswith(b"\n"):
                    rest = line
                    while rest and not rest.endswith(b"\n"):
                        rest = readline(LINE_LIMIT)
            except (EOFError, ZlibError) as error:
                self._warn(f"line {number}: the log breaks off here: {error}")
                return
            if not line:
                return
            yield number, line


def _record(line: bytes) -> dict[str, Any]:
    """Read a line's JSON, its four required keys checked, `ts` a number."""
    try:
        record = document.read(line)
    except WireError:
        raise LineError("not JSON") from None
    if not isinstance(record, dict):
        raise LineError("not a JSON object")
    ts, account = number(record.get("ts")), record.get("account")
    if ts is None:
        raise LineError("`ts` is not a number")
    if not isinstance(account, str) or not account:
        raise LineError("`account` is not a name")
    if not isinstance(record.get("path"), str):
        raise LineError("`path` is not text")
    if not isinstance(record.get("request"), dict):
        raise LineError("`request` is not an object")
    record["ts"] = ts
    return record


def _client(client: Mapping[str, Any]) -> Client:
    headers = client.get("headers")
    names = headers if isinstance(headers, list) else ()
    return Client(
        ip=_text(client.get("ip")),
        user_agent=_text(client.get("user_agent")),
        headers=[name.lower() for name in names if isinstance(name, str)],
        ja4=_text(client.get("ja4")),
    )


def _attributes(attributes: Mapping[str, Any]) -> Attributes:
    return Attributes(
        created=number(attributes.get("created")),
        payment=_text(attributes.get("payment")),
        end_user=_text(attributes.get("end_user")),
    )


def _response(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "usage": {
            "prompt_tokens": outcome.prompt_tokens,
            "completion_tokens": outcome.completion_tokens,
        },
        "text": outcome.text,
        "references": list(outcome.references),
        "finish_reason": outcome.finish_reason,
        "model": outcome.model,
        "latency": outcome.latency,
        "aborted": outcome.aborted,
    }


def read_response(response: Any) -> Outcome:
    """Return what a line's `response` tells of an answer."""
    response = mapping(response)
    usage = mapping(response.get("usage"))
    text = _text(response.get("text"))
    latency = number(response.get("latency"))
    references = sequence(response.get("references"))
    return Outcome(
        status=_count(response.get("status")) or 0,
        # The Responses and Messages APIs have their own words for the same two numbers.
        prompt_tokens=_count(usage.get("prompt_tokens", usage.get("input_tokens"))),
        completion_tokens=_count(usage.get("completion_tokens", usage.get("output_tokens"))),
        finish_reason=_text(response.get("finish_reason")),
        model=_text(response.get("model")),
        text=text[:TEXT_LIMIT] if text is not None else None,
        references=tuple(filter(None, map(_text, references[:REFERENCE_LIMIT]))),
        latency=latency if latency is not None and latency >= 0 else None,
        aborted=response.get("aborted") is True,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    count = integer(value)
    return count if count is not None and count >= 0 else None

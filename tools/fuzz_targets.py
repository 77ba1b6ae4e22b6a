"""What is fuzzed: each target takes any bytes, and raises nothing for them."""  # noqa: INP001  # no package

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from distillgate.config.load import read as read_config
from distillgate.config.schema import Config
from distillgate.dialects.registry import OPERATIONS
from distillgate.engine.entries import decode as decode_entry
from distillgate.errors import ConfigError, StoreError, WireError
from distillgate.intel.community import Community, Key
from distillgate.intel.imported import told
from distillgate.intel.received import Trust
from distillgate.intel.received import read as read_report
from distillgate.log import snapshot
from distillgate.log.log import Batch
from distillgate.proxy.head import HeadLimits, InvalidRequestError, parse_head
from distillgate.records import decoder, encode
from distillgate.traffic.formats.registry import FORMATS
from distillgate.traffic.imports import Imports, Source
from distillgate.traffic.log import LineError
from distillgate.traffic.log import decode as decode_line
from distillgate.wire import document, sse
from distillgate.wire.codings import CODINGS, readings
from distillgate.wire.encoding import STREAMS
from distillgate.wire.request import parse
from distillgate.wire.response import Tap

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KEPT = Path(__file__).parents[1] / "tests" / "tools" / "fuzzed"
"""Inputs to begin with, a folder a target: what was found before, and one of each kind."""

_KINDS = ("text/event-stream", "application/json", "application/x-ndjson", "")
_MOST = 1 << 20
"""Bytes that a body of a fuzzer's size may come to."""
_LIMITS = HeadLimits(line_bytes=8192, head_bytes=65_536, headers=100)
_BATCH = decoder(Batch)
_NOW = 1.8e9
_KEY = snapshot.check(b"fuzz")
_RECORDS_FROM = 0x80
"""The first byte of what may be a record: a list of some values."""
_WHOLE = ("feed", "observation", "order")
_ENTRIES = tuple(
    path.read_bytes() for path in sorted((KEPT / "records").iterdir()) if path.name in _WHOLE
)
_LABS = Community("labs", [Key("k-00000000", "00" * 32, 0.0)])


def requests(data: bytes) -> None:
    """Read a request of each dialect; write and read again what was read of it."""
    for operation in OPERATIONS:
        with contextlib.suppress(WireError):
            found = parse(operation, data)
            document.read(document.write(found.document))


def answers(data: bytes) -> None:
    """Read an answer of each dialect, whole and in two pieces: the chunking changes nothing."""
    if not data:
        return
    kind, body = _KINDS[data[0] % len(_KINDS)], data[1:]
    cut = data[0] * len(body) // 256
    for operation in OPERATIONS:
        outcomes = []
        for pieces in ([body], [body[:cut], body[cut:]]):
            reader = Tap(operation, status=200, content_type=kind)
            for piece in pieces:
                reader.feed(piece)
            outcomes.append(reader.close())
        assert outcomes[0] == outcomes[1], operation.name


def events(data: bytes) -> None:
    """Read server-sent events, whole and byte by byte."""
    whole, bytewise = sse.Reader(), sse.Reader()
    found = list(whole.feed(data))
    pieces = [event for at in range(len(data)) for event in bytewise.feed(data[at : at + 1])]
    assert found == pieces


_TYPES = ("", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


def codings(data: bytes) -> None:
    """Undo the content codings that the first byte names."""
    if not data:
        return
    names = sorted(STREAMS)
    chosen = [names[(data[0] >> shift) % len(names)] for shift in range(CODINGS)]
    with contextlib.suppress(WireError):
        undone, kind = chosen[: 1 + data[0] % CODINGS], _TYPES[data[0] % len(_TYPES)]
        found = readings(data[1:], undone, content_type=kind, max_bytes=_MOST)
        assert all(len(body) <= max(_MOST, len(data)) for body in found.bodies)


def configuration(data: bytes) -> None:
    """Read a configuration."""
    with contextlib.suppress(ConfigError):
        read_config(data.decode("utf-8", "replace"), Config, source="config.yaml", environ={})


def records(data: bytes) -> None:
    """Read a batch of the log, and its entries; write again what was read.

    Where the first byte begins no record, it names one that is whole, and the next a place in it,
    which the rest is put into: bytes alone hardly ever come to a whole record.
    """
    if len(data) > 2 and data[0] < _RECORDS_FROM:
        data = _put(_ENTRIES[data[0] % len(_ENTRIES)], data[1], data[2:])
    with contextlib.suppress(StoreError):
        batch: Batch = _BATCH(data)
        for entry in batch.entries:
            with contextlib.suppress(StoreError):
                decode_entry(encode(decode_entry(entry)))
    with contextlib.suppress(StoreError):
        decode_entry(encode(decode_entry(data)))


def _put(record: bytes, place: int, value: bytes) -> bytes:
    """Return a record with a value at a place, whatever should be there."""
    found = msgspec.msgpack.decode(record)
    holder, at = found, place % len(found)
    while isinstance(holder[at], list) and holder[at] and place >= len(holder):
        holder, place = holder[at], place // len(holder)
        at = place % len(holder)
    try:
        holder[at] = msgspec.msgpack.decode(value)
    except (ValueError, RecursionError):
        holder[at] = value
    return msgspec.msgpack.encode(found)


def snapshots(data: bytes) -> None:
    """Read a snapshot: bytes as they are, and as what is in a chunk whose checksum is right."""

    async def chunks(chunk: bytes) -> AsyncIterator[bytes]:
        yield chunk

    with asyncio.Runner() as loop:
        for chunk in (data, zstd.compress(data)):
            with contextlib.suppress(StoreError):
                loop.run(snapshot.read_head(chunks(chunk)))
            with contextlib.suppress(StoreError):
                loop.run(snapshot.read(chunks(chunk), {}, _KEY, hurry=True))


def lines(data: bytes) -> None:
    """Read a line of a traffic log."""
    with contextlib.suppress(LineError):
        decode_line(data)


def imports(data: bytes) -> None:
    """Read another program's log, in the format that the first byte names, as lines of ours."""
    if not data:
        return
    name = sorted(FORMATS)[data[0] % len(FORMATS)]
    with TemporaryDirectory() as directory:
        path = Path(directory) / "log"
        path.write_bytes(data[1:])
        source = Source(FORMATS[name], (str(path),), account="nobody")
        read = Imports(source, None, warn=lambda _: None)
        for _ in read.read():
            pass
        for _, line in read:
            decode_line(line)


def reports(data: bytes) -> None:
    """Read what others tell, and write it as entries of the log."""
    with contextlib.suppress(StoreError):
        found = read_report(data, Trust(_LABS, (), _NOW))
        for entry in told(found.told, _NOW, "fuzz"):
            assert decode_entry(encode(entry)) == entry


def heads(data: bytes) -> None:
    """Read a request's head, which ends with a line's end: whatever the parser hands over."""
    with contextlib.suppress(InvalidRequestError):
        parse_head(data + b"\r\n", _LIMITS)


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        requests, answers, events, codings, configuration, records, snapshots, lines, heads,
        imports, reports,
    )
}  # fmt: skip

"""Other programs' logs as lines of the traffic log, in order, in bounded memory.

Records that belong together are brought together by a sort on disk, and so is the log put in order
of time: most exports are in that of their writers, or newest first.
"""

import math
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from gzip import GzipFile
from io import BufferedReader
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, cast

from distillgate.dialects.registry import match, model_in
from distillgate.errors import WireError
from distillgate.traffic.calls import exchange_of, outcome_of
from distillgate.traffic.coverage import Coverage
from distillgate.traffic.documents import pieces
from distillgate.traffic.formats.form import Call, Format, Record, found, when, word
from distillgate.traffic.log import LineError, encode
from distillgate.traffic.sorted import Sorter
from distillgate.wire import document
from distillgate.wire.request import from_document

TOGETHER = 10_000
"""Records that are read together; more that share a key (a trace that never ends) begin anew."""

_TIME = struct.Struct(">d")

FIELDS = (
    "account", "plan", "organisation", "end_user", "created", "payment", "ip", "user_agent", "ja4",
)  # fmt: skip
"""What may be taken from a field that the operator names."""


class Source(NamedTuple):
    """Where logs are read from, and how."""

    format: Format
    files: tuple[str, ...]
    account: str | None = None
    """The account of what names none."""
    fields: Mapping[str, str] = {}
    """Names of `FIELDS`, and the paths of a record's keys under which they stand."""
    hashed: Callable[[str], str] = str
    """Hashes a payment instrument."""


@dataclass(slots=True)
class Counts:
    """What an import came to."""

    records: int = 0
    malformed: int = 0
    """Not JSON, not of the format, or not to be read."""
    others: int = 0
    """Records, or what they tell together, that are no call of a model."""
    untouched: int = 0
    """Calls that the gate does not read."""
    anonymous: int = 0
    """Calls of nobody who is named."""
    accounts: set[str] = field(default_factory=set)
    coverage: Coverage = field(default_factory=Coverage)

    def summary(self) -> dict[str, Any]:
        """Return the counts under the names of the summary."""
        return {
            "records": self.records,
            "exchanges": self.coverage.exchanges,
            "accounts": len(self.accounts),
            "malformed": self.malformed,
            "untouched": self.untouched,
            "other_records": self.others,
            "without_account": self.anonymous,
            "not_known": [one._asdict() for one in self.coverage.missing()],
        }


class Imports:
    """Logs of another program, read as one traffic log: iterating gives `(line number, bytes)`.

    `warn` is told of every record that is left out, and where it stands; `directory` holds what
    does not fit in memory.
    """

    def __init__(
        self, source: Source, directory: Path | None, *, warn: Callable[[str], None]
    ) -> None:
        self.counts = Counts()
        self._source = source
        self._directory = directory
        self._lines = Sorter(directory)
        self._warn = warn
        self._before = 0
        self._raw: BufferedReader | None = None
        self._given: int | None = None
        """Lines that were handed out, once all is read."""

    @property
    def size(self) -> int | None:
        """How much there is: bytes to read, then lines to hand out; None where it is not known."""
        if self._given is not None:
            return self.counts.coverage.exchanges
        if "-" in self._source.files:
            return None
        return sum(Path(path).stat().st_size for path in self._source.files)

    @property
    def position(self) -> int:
        """How much of that was read."""
        if self._given is not None:
            return self._given
        with suppress(OSError):  # a pipe has no place
            return self._before + (0 if self._raw is None else self._raw.tell())
        return 0

    def read(self) -> Iterator[None]:
        """Read every file, a step for each record; then the log may be iterated.

        `OSError` is raised as it comes.
        """
        yield from self._read_alone() if self._source.format.key is None else self._read_related()
        self._given = 0

    def _read_alone(self) -> Iterator[None]:
        for where, record in self._records():
            self._take([(where, record)])
            yield

    def _read_related(self) -> Iterator[None]:
        related = Sorter(self._directory)
        for where, record in self._records():
            key = self._key(record)
            if key is None:
                self._take([(where, record)])
            else:
                related.add(key, document.write([where, record]))
            yield
        for _, same in groupby(related, key=lambda one: one.key):
            for together in _batches(same):
                self._take(together)
                yield

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that were read, in order of time."""
        for number, (_, line) in enumerate(self._lines, 1):
            self._given = number
            yield number, line

    def _records(self) -> Iterator[tuple[str, Record]]:
        wrappers = self._source.format.wrappers
        for path in self._source.files:
            with _opened(path) as (self._raw, lines):
                for line, data, error in pieces(lines.read1, wrappers):
                    where = f"{path}: line {line}" if line else path
                    if error:
                        self._bad(where, error)
                        continue
                    try:
                        value = document.read(data)
                    except WireError:
                        value = None
                    if not isinstance(value, dict):
                        self._bad(where, "not JSON" if value is None else "not a JSON object")
                        continue
                    for record in _unwrapped(value, wrappers):
                        self.counts.records += 1
                        yield where, record
                self._before += self._raw.tell() if path != "-" else 0
            self._raw = None

    def _key(self, record: Record) -> bytes | None:
        assert self._source.format.key is not None
        name = self._source.format.key(record)
        return None if name is None else name.encode("utf-8", "surrogatepass")

    def _bad(self, where: str, why: str) -> None:
        self.counts.malformed += 1
        self._warn(f"{where}: skipped: {why}")

    def _take(self, together: list[tuple[str, Record]]) -> None:
        where, records = together[0][0], [record for _, record in together]
        calls = 0
        try:
            for call in self._source.format.read(records):
                calls += 1
                self._enter(where, call, records)
        except LineError as error:
            self._bad(where, str(error))
        except (
            TypeError,
            ValueError,
            LookupError,
            RecursionError,
            AttributeError,
            OverflowError,
        ) as error:
            # A record of another form than any that was met: it is told, and costs no other.
            self._bad(where, f"not of this format ({type(error).__name__})")
        else:
            self.counts.others += len(records) if not calls else 0

    def _enter(self, where: str, call: Call, records: list[Record]) -> None:
        for name, path in self._source.fields.items():
            told = (found(record, path) for record in records)
            value = next((one for one in told if one not in (None, "")), None)
            if value is not None:
                setattr(call, name, when(value) if name == "created" else word(value))
        account = call.account or self._source.account
        if call.ts is None or not 0 <= call.ts < math.inf:
            raise LineError("no time is told")
        if account is None:
            self.counts.anonymous += 1
            self._warn(f"{where}: skipped: no account is named")
            return
        operation = match("POST", call.path)
        try:
            request = None if operation is None else from_document(operation, dict(call.request))
        except WireError as error:
            raise LineError(str(error)) from None
        if request is None:
            self.counts.untouched += 1
            return
        request.model = request.model or model_in(call.path)
        exchange = exchange_of(call, account, request, self._source.hashed)
        outcome = outcome_of(call, request.operation)
        line = encode(exchange, call.request, outcome, call.ts)
        self._lines.add(_TIME.pack(call.ts), line)
        self.counts.accounts.add(account)
        self.counts.coverage.add(exchange, outcome)


def _unwrapped(record: dict[str, Any], wrappers: frozenset[str]) -> Iterator[Record]:
    """Yield the records of a page that came in one line, or a record that is none."""
    held = [record[name] for name in wrappers if isinstance(record.get(name), list)]
    if not held:
        yield record
    for one in (one for page in held for one in page):
        if isinstance(one, dict):
            yield from _unwrapped(one, wrappers)


def _batches(same: Iterable[Any]) -> Iterator[list[tuple[str, Record]]]:
    batch: list[tuple[str, Record]] = []
    for _, data in same:
        where, record = document.read(data)
        batch.append((where, record))
        if len(batch) == TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _opened(path: str) -> Iterator[tuple[BufferedReader, BufferedReader]]:
    """Open a file, compressed or not, or standard input as `-`."""
    raw = cast("BufferedReader", sys.stdin.buffer)
    with ExitStack() as stack:
        if path != "-":
            file = stack.enter_context(Path(path).open("rb", buffering=0))
            raw = BufferedReader(file, 1 << 20)
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        yield raw, cast("BufferedReader", GzipFile(fileobj=raw)) if packed else raw

"""The audit log: what was done to whom, by whom, on what evidence, until when. Only appended to.

JSON Lines, written off the path like the log. It holds names and numbers, never a prompt or a key.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from distillgate.errors import of_file
from distillgate.governance.chain import Chain, last_hash
from distillgate.losses import Losses
from distillgate.settings import Settings
from distillgate.telemetry.forms import native
from distillgate.telemetry.log import rendered
from distillgate.telemetry.spool import Spool

_BLOCK = 65_536


def backwards(file: IO[bytes], end: int) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines from `end` to the file's begin, each with where it begins."""
    rest, at = b"", end
    while at:
        size = min(_BLOCK, at)
        at -= size
        file.seek(at)
        first, *whole = (file.read(size) + rest).split(b"\n")
        begins = at + len(first) + 1
        placed = []
        for text in whole:
            placed.append((begins, text))
            begins += len(text) + 1
        yield from ((start, text) for start, text in reversed(placed) if text)
        rest = first
    if rest:
        yield 0, rest


EVENTS = (
    "access_refused", "acted", "actor_budget", "appeal_answered", "appealed", "campaign_appeared",
    "campaign_ended", "campaign_grew", "exempted", "forgotten", "intelligence_taken",
    "intelligence_told", "intelligence_withdrawn", "killed", "labelled", "lifted", "named",
    "ordered", "pardon_ended", "pardoned", "read", "released", "reloaded", "restricted", "resumed",
    "signed_in", "unusual_use",
)  # fmt: skip
"""What an audit log holds."""
_OWNER_ONLY = 0o600
_LINES = 100_000
"""Lines that may wait for a slow disk; further ones are dropped, and the gap is noted."""


class AuditSettings(Settings):
    """Where actions and operators' orders are kept. Off unless a file is named."""

    path: str | None = None
    """The file to append to, for its owner alone (0600); null keeps none."""


class Audit:
    """Appends lines to the file of its settings; without one it does nothing."""

    def __init__(self, settings: AuditSettings, losses: Losses | None = None) -> None:
        self.settings = settings
        self.config = ""
        """The name of the configuration in force, which every line has."""
        self.key: bytes | None = None
        """What its lines are sealed with; None where they are not."""
        self._chain: Chain | None = None
        self._spool: Spool | None = None
        if settings.path is not None:
            self._spool = Spool(settings.path, _LINES, losses)

    def seal(self, key: bytes) -> None:
        """Chain the lines from now on by keyed hashes, after those that are in the file."""
        if self.settings.path is None:
            return
        self.key = key
        path, before = Path(self.settings.path), ""
        with contextlib.suppress(OSError):
            if path.is_file():
                with path.open("rb") as file:
                    end = file.seek(0, os.SEEK_END)
                    before = last_hash(text for _, text in backwards(file, end))
        self._chain = Chain(key, before)

    def open(self) -> None:
        """Make sure that the file can be appended to. Raises `StoreError` where it cannot."""
        path = self.settings.path
        if path is None:
            return
        with of_file(path, "cannot be audited to: "):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY))

    def write(self, event: str, by: str, now: float, **fields: Any) -> None:
        """Append what happened (`event`), by whose decision. Never waits and never raises."""
        if self._spool is not None:
            line = {"ts": round(now, 3), "event": event, "by": by, **fields}
            if self.config:
                line.setdefault("config", self.config)
            text = rendered(line)
            self._spool.write(text if self._chain is None else self._chain.seal(text))

    def find(self, reference: str) -> list[dict[str, Any]]:
        """Return the lines that a reference names; none without a file, or before its first."""
        path = None if self.settings.path is None else Path(self.settings.path)
        return find(path, reference) if path is not None and path.exists() else []

    def close(self) -> None:
        """Write what is on its way; the audit may go on afterwards."""
        if self._spool is not None:
            self._spool.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Read an audit log's lines, the oldest first; what is no line of one is left out.

    Raises `StoreError` where the file cannot be read.
    """
    with of_file(path), path.open("rb") as file:
        yield from lines(file)


def find(path: Path, reference: str) -> list[dict[str, Any]]:
    """Return the lines of a log or an audit log that a reference names, the oldest first.

    After a line that only says what was done comes the one with the evidence it was done on: the
    last change of its account. Raises `StoreError` where the file cannot be read.
    """
    told = json.dumps(reference)[1:-1].encode()
    changes: dict[str, dict[str, Any]] = {}
    reasons: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    with of_file(path), path.open("rb") as file:
        for line in lines(text for text in file if told in text or b'"evidence"' in text):
            evidence = line.get("evidence")
            if isinstance(evidence, str) and "reasons" in line:
                reasons[evidence] = line
            elif evidence is not None and not isinstance(evidence, str):
                changes[line.get("account", "")] = line
            if reference in (line.get("reference"), line.get("client_reference")):
                found += [line]
                ground = changes.get(line.get("account", ""))
                found += [ground] if line["event"] == "acted" and ground else []
                source = None if "reasons" in line else reasons.get(str(evidence))
                found += [source] if source is not None else []
    return found


def lines(file: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read lines of an audit log; what is none is left out."""
    for text in file:
        try:
            line = json.loads(text)  # the standard library's: it reads half a surrogate pair
        except ValueError:
            continue
        line = native(line) if isinstance(line, dict) else {}
        if isinstance(line.get("event"), str):
            yield line

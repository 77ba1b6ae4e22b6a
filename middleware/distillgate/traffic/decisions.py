"""A replay's output: one line a decision, the same bytes every time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedWriter, RawIOBase
from pathlib import Path
from typing import cast

import orjson

from distillgate.policy.decision import Decision
from distillgate.text import visible_json
from distillgate.traffic.log import Line

_BUFFER = 1 << 20
_COMPRESSION = 6


def encode(line: Line, decision: Decision) -> bytes:
    """Write one line, newline included. Numbers are rounded to what a reader can tell apart."""
    record = {
        "ts": line.ts,
        "account": decision.account,
        "action": decision.action.label,
        "risk": _rounded(decision.risk),
        # A stage may fill its mapping in any order; the bytes must not show it.
        "families": {name: _rounded(llr) for name, llr in sorted(decision.families.items())},
        "reasons": [
            {"signal": r.signal, "family": r.family, "llr": _rounded(r.llr), "text": r.text}
            for r in decision.reasons
        ],
        "group": decision.group,
    }
    return visible_json(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


@contextmanager
def writing(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Open a file for lines, compressed if it ends in `.gz`; without a path, drop them.

    The compressed bytes hold no name and no time, so that they too are the same every time.
    """
    if path is None:
        yield len
        return
    with path.open("wb", buffering=_BUFFER) as file:
        if path.suffix != ".gz":
            yield file.write
            return
        gzip = GzipFile(filename="", mode="wb", compresslevel=_COMPRESSION, fileobj=file, mtime=0)
        with gzip, BufferedWriter(cast("RawIOBase", gzip), _BUFFER) as lines:
            yield lines.write


def _rounded(value: float) -> float:
    # Adding zero makes -0.0 the 0.0 it looks like.
    return round(float(value), 4) + 0.0

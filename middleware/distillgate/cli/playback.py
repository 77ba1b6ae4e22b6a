"""A log played through an engine: what `replay` and `explain` share."""

import resource
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from distillgate.cli.collector import few_collections
from distillgate.cli.terminal import Warnings, progress
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.errors import StoreError
from distillgate.policy.decision import Decision
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.imports import Imports
from distillgate.traffic.log import Line, Log
from distillgate.traffic.replay import Reading, Tally, read, replay

SECRET = b"distillgate replay"
"""What keys the hashes of a replay without a configured `key`: the same each time, as nothing
that a replay keeps outlives it."""

_STEP = 512
"""Lines between two updates of the bar."""


@dataclass(slots=True)
class Played:
    """What a log came to."""

    engine: Engine
    tally: Tally = field(default_factory=Tally)
    reading: Reading = field(default_factory=Reading)
    newest: float = 0.0
    """The newest time of the log."""
    seconds: float = 0.0


def play(
    path: str,
    config: Config,
    each: Callable[[Line, Decision], object],
    opened: Callable[[Callable[[str], None]], AbstractContextManager[Log | Imports]] | None = None,
) -> Played:
    """Judge every exchange of a log, by the engine of production, in shadow mode.

    `opened` opens one that is read otherwise than a traffic log's file; it is given what is to be
    told of what cannot be read.

    Shadow, because what the log tells was not changed by any action of this replay; `action` is
    the same in both modes. Raises `StoreError` where the log cannot be read.
    """
    tokenizer = Tokenizer(config.tokenizer)
    secret = SECRET if config.key is None else config.key.get_secret_value().encode()
    played = Played(Engine(config, count=tokenizer.exact, secret=secret))
    warn = Warnings(path)
    try:
        with (
            few_collections(),
            Log(path, warn=warn) if opened is None else opened(warn) as log,
            progress(f"replaying {path}", log.size) as advance,
        ):
            started = time.perf_counter()
            lines = read(log, played.reading, warn)
            for line, decision in replay(lines, played.engine):
                played.tally.add(decision)
                played.newest = max(played.newest, line.ts)
                each(line, decision)
                if advance is not None and played.tally.exchanges % _STEP == 0:
                    advance(log.position)
            played.seconds = time.perf_counter() - started
    except OSError as error:
        raise StoreError(f"{error.filename or path}: {error.strerror or error}") from None
    finally:
        warn.close()
    return played


def peak_memory() -> int:
    """Return the most memory this process ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # getrusage(2): kilobytes on Linux and the BSDs, bytes on macOS.
    return peak if sys.platform == "darwin" else peak * 1024


def summary(played: Played) -> dict[str, Any]:
    """Return the summary of a replay."""
    rate = played.tally.exchanges / played.seconds if played.seconds else 0.0
    return {
        **played.tally.summary(),
        "lines": played.reading.lines,
        "malformed": played.reading.malformed,
        "untouched": played.reading.untouched,
        "seconds": round(played.seconds, 3),
        "exchanges_per_second": round(rate, 1),
        "peak_memory_bytes": peak_memory(),
    }

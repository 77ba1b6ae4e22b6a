"""Having the gate judge worlds: the engine of `distillgate replay`, its common work done once.

Worlds of one honest population do not differ until a campaign begins.
So the honest log is replayed once; where a campaign begins the process forks, and the child goes on
with both logs merged. What it decides is, byte for byte, what a replay of the merged log decides:
`Score.digest` is the hash of what `distillgate replay --out` writes.
"""

import gzip
import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from benchmarks.detection.log import time_of
from benchmarks.detection.score import Score, Scorer
from benchmarks.detection.workers import Workers
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.load import load
from distillgate.engine.engine import Engine
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.replay import Reading, read, replay


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a world, written down: a sorted log, and who is who in it."""

    log: Path
    labels: dict[str, str]
    start: float = -math.inf
    """When its first exchange is."""


class Judge:
    """Judges a log, and worlds that branch off it."""

    def __init__(self, log: Part, config: Path | None) -> None:
        settings = load(config)
        secret = SECRET if settings.key is None else settings.key.get_secret_value().encode()
        count = Tokenizer(settings.tokenizer).exact
        self._log = log.log
        self._engine = Engine(settings, count=count, secret=secret)
        self._scorer = Scorer(log.labels)

    def branch(self, branches: Sequence[tuple[object, Part]], workers: Workers) -> None:
        """Judge, in workers of these names, the log with each campaign in it.

        The log itself is left where the last of them begins.
        """
        workers.carry(lambda: self._judge(self._lines(branches, workers)))

    def _judge(self, lines: Iterator[bytes]) -> Score:
        with few_collections():
            for line, decision in replay(read(enumerate(lines, 1), Reading(), _fail), self._engine):
                self._scorer.add(line, decision)
        return self._scorer.close()

    def _lines(self, branches: Sequence[tuple[object, Part]], workers: Workers) -> Iterator[bytes]:
        waiting = sorted(branches, key=lambda branch: -branch[1].start)
        with gzip.open(self._log) as honest:
            for number, line in enumerate(chain(honest, (None,))):
                until = math.inf if line is None else time_of(line)
                while waiting and waiting[-1][1].start < until:
                    name, campaign = waiting.pop()
                    if workers.fork(name):
                        yield from self._merged(campaign, number)
                        return
                if line is None or not waiting:
                    return
                yield line

    def _merged(self, campaign: Part, number: int) -> Iterator[bytes]:
        """Give the log from a line on, merged with a campaign's."""
        self._scorer.labels |= campaign.labels
        # Opened anew: forked processes share one position in an open file.
        with gzip.open(self._log) as honest, gzip.open(campaign.log) as other:
            yield from heapq.merge(islice(honest, number, None), other, key=time_of)


def _fail(text: str) -> None:
    raise ValueError(text)

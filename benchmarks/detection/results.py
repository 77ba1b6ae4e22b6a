"""What finished worlds came to, a line each: a run that is cut off goes on where it was."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.detection.score import Score
from benchmarks.detection.world import World


class Record(msgspec.Struct, frozen=True):
    """One finished world."""

    ground: str
    """What it was played on: texts, scale, days. Another ground's are other worlds."""
    world: World
    score: Score


class Results:
    """Scores by world; with a file, those that it has of this ground, and every new one is added.

    A line that was cut off in the middle is left out, and its world played again.
    """

    def __init__(self, path: Path | None, ground: str) -> None:
        self._path = path
        self._ground = ground
        self._scores: dict[World, Score] = {}
        for line in path.read_bytes().splitlines() if path and path.exists() else ():
            try:
                record = msgspec.json.decode(line, type=Record, dec_hook=_counts)
            except msgspec.DecodeError:
                continue
            if record.ground == ground:
                self._scores[record.world] = record.score

    def __contains__(self, world: World) -> bool:
        return world in self._scores

    def __getitem__(self, world: World) -> Score:
        return self._scores[world]

    def add(self, world: World, score: Score) -> None:
        """Take a world's score, and write it down at once."""
        if world in self:
            return
        self._scores[world] = score
        if self._path is not None:
            line = msgspec.json.encode(Record(self._ground, world, score))
            with self._path.open("ab") as file:
                file.write(b"\n" + line + b"\n")  # what another run was writing is ended, too


def _counts(_kind: type[Any], value: Any) -> Any:
    return Counter(value)  # the only field that is no plain value

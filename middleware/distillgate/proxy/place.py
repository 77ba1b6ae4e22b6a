"""Which of several workers a process is, and where it finds what they share."""

from pathlib import Path
from typing import NamedTuple

METRICS, LOG, COMPLETE = "metrics", "log.db", "complete"
"""What everybody counts, the log where none is named, and a file that is there once all were ready;
in the folder that workers share."""


class Place(NamedTuple):
    """Which of the workers a process is, and where it finds what they share."""

    number: int
    """From 0."""
    folder: Path
    """Of its owner alone."""
    secret: bytes
    """The key of every hash that is kept, the same for all."""
    started: float
    """When the workers were first started."""
    ready: int
    """The file descriptor to write a byte to when it serves."""

    @property
    def log(self) -> Path:
        """The log's file, where the configuration names none."""
        return self.folder / LOG

    @property
    def complete(self) -> bool:
        """Return whether all workers were ready once. Balancers do not miss one that dies later."""
        return (self.folder / COMPLETE).exists()

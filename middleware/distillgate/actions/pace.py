"""Measure: pass a streamed answer on more slowly. Nothing in it changes, and nothing is lost."""

from typing import ClassVar

from distillgate.actions.draft import Draft
from distillgate.settings import Positive, Settings


class PaceSettings(Settings):
    """How fast a streamed answer is passed on."""

    events_per_second: Positive = 20.0
    """Events a second; most upstreams send a token in each. People read about five a second."""
    burst: Positive = 40.0
    """Events that pass at once, to begin with."""
    max_seconds: ClassVar[float] = 120.0
    """Seconds one answer is held back in all; then the rest passes as it comes. Well below the ten
    minutes after which SDKs give up."""
    max_streams: ClassVar[int] = 1000
    """Streams of this process that are held back at the same time; more than that pass as they
    come, or a campaign could park more connections here than the process can hold."""


def pace(draft: Draft, settings: PaceSettings) -> None:
    """Pass the answer on more slowly, where it is streamed."""
    if draft.request.parameters.stream:
        draft.pace = settings


class Pacer:
    """Says how long to wait before the next bytes of one answer are passed on."""

    __slots__ = ("_begun", "_events", "_settings", "_waited")

    def __init__(self, settings: PaceSettings, now: float) -> None:
        self._settings = settings
        self._begun = now
        self._events = 0
        self._waited = 0.0

    def wait(self, chunk: bytes, now: float) -> float:
        """Take the next bytes; give seconds, 0 where they may go at once.

        Events are counted by their `data:`. A text that has the word in it is passed on the slower
        for it; one that is split over two chunks goes free.
        """
        self._events += chunk.count(b"data:")
        settings = self._settings
        due = self._begun + (self._events - settings.burst) / settings.events_per_second
        wait = min(due - now, settings.max_seconds - self._waited)
        if wait <= 0:
            return 0.0
        self._waited += wait
        return wait

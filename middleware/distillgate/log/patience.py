"""How long a process waits for its log before it goes on by itself."""

from distillgate.log.outbox import Outbox

_CALM_SECONDS, _MOST = 60.0, 32
"""A process that was not local for so long is as patient as ever; at most so many times more."""


class Patience:
    """Decides when a process is *local*: applies its own entries at once. `now` is an argument.

    To and fro would make the state anew again and again, so each time makes it twice as patient.
    """

    def __init__(self, seconds: float) -> None:
        self._first = self.seconds = seconds
        self.local = False
        self._together = -_CALM_SECONDS
        """Since when it is not local."""

    def over(self, outbox: Outbox, now: float, silent: float) -> bool:
        """Return whether own entries wait too long: the log does not take them, or it gives nothing
        back and has been silent for so many seconds.
        """
        unsent, oldest = outbox.first_waiting, outbox.oldest
        if unsent is not None and now - unsent.since > self.seconds:
            return True
        waits = oldest is not None and now - oldest.since > self.seconds
        return waits and silent > self.seconds

    def change(self, *, local: bool, now: float) -> bool:
        """Be local or not; return whether that is new."""
        if self.local == local:
            return False
        self.local = local
        if not local:
            self._together = now
        elif now - self._together < _CALM_SECONDS:
            self.seconds = min(2 * self.seconds, _MOST * self._first)
        else:
            self.seconds = self._first
        return True

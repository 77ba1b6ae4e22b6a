"""What a process that shares a log brings with it."""

from typing import Any, Protocol


class Clock(Protocol):
    """The time by which exchanges are judged; it can be moved to agree with others'."""

    def __call__(self) -> float:
        """Return seconds since the epoch."""

    def own(self) -> float:
        """Return this machine's own time."""

    def agree(self, began: float, at: float, ended: float) -> None:
        """Hear that it was `at` elsewhere, some time between two own times."""


class Observer(Protocol):
    """Hears of what happened. Called on the event loop: quick, and never raising."""

    def event(self, name: str, **fields: Any) -> None:
        """Record a rare event."""

    def failed(self, where: str, error: BaseException) -> None:
        """Record an internal error."""

    def logged(self, what: str, entries: int) -> None:
        """Count entries: `appended`, `applied`, `lost`, `dropped`, `damaged`."""

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        """Hear how it stands: seconds behind the log, bytes that have not come back."""

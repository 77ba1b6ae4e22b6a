"""Who the sidecar tells what happens: the gate's telemetry, or nobody."""

from typing import Any, Protocol


class Observer(Protocol):
    """Is told what happens. Called on the event loop: quick, and never raising."""

    def upstream_error(self, kind: str, **fields: Any) -> None:
        """Record that the upstream failed a request; `kind` is an `UpstreamError`'s."""

    def refused(self, status: int) -> None:
        """Record that the server refused what a client sent: unclear, too large, too slow."""

    def event(self, name: str, **fields: Any) -> None:
        """Record a rare event of the server itself: `listening`, `draining`, `cut`."""


class Nobody:
    """Hears nothing; for a relay that is used alone."""

    def upstream_error(self, kind: str, **fields: Any) -> None:
        """Forget it."""

    def refused(self, status: int) -> None:
        """Forget it."""

    def event(self, name: str, **fields: Any) -> None:
        """Forget it."""


NOBODY = Nobody()

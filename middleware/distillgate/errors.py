"""Everything distillgate raises on purpose.

::

    DistillgateError
    ├── ConfigError      the configuration is wrong: says where, and what was probably meant
    ├── WireError        bytes that are not the API's: the upstream's to answer, never ours
    ├── UpstreamError    the service behind the gate could not be reached, or stopped answering
    └── StoreError       state could not be read or written
"""

from collections.abc import Iterator
from contextlib import contextmanager


class DistillgateError(Exception):
    """The base: catch this to catch every error distillgate raises on purpose."""


class ConfigError(DistillgateError):
    """The configuration cannot be used: the message names path, line and the nearest name."""


class WireError(DistillgateError):
    """A body is not what its path promises. The gate forwards or refuses it, and counts it.

    `reason` is the word it is counted under: `malformed` (no JSON object of the call), `encoding`
    (a content coding that cannot be undone), `expansion` (it would expand past the bound) or
    `complex` (more JSON than is parsed).
    """

    def __init__(self, message: str, *, reason: str = "malformed") -> None:
        super().__init__(message)
        self.reason = reason


class UpstreamError(DistillgateError):
    """The upstream refused the connection, timed out or broke off.

    `status` is the answer a gateway owes its client: 502 (RFC 9110 15.6.3) or 504 (15.6.5). `kind`
    is the word it is counted under: `connect`, `timeout`, `broken`, or `request` for what the
    client asked and nobody could forward (400).
    """

    def __init__(self, message: str, *, status: int = 502, kind: str = "broken") -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class StoreError(DistillgateError):
    """State could not be read or written; the gate goes on without it."""


@contextmanager
def of_file(path: object, what: str = "") -> Iterator[None]:
    """Raise what the system says of a file as a `StoreError` that names it."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: {what}{error.strerror or error}") from None


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Import what the extra installs; raises `ConfigError` that names it where that is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package == __package__:
            raise
        raise ConfigError(
            f"`{package}` is not installed: pip install 'distillgate[{extra}]'"
        ) from None

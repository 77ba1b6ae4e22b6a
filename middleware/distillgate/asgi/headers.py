"""Request headers that two readers read in two ways. Pure.

A strict server never hands them on; the one in front of a mounted gate may: some append a body's
trailers to the headers, or take whichever of two lengths they like.
"""

from collections.abc import Collection, Mapping

from starlette.types import Scope

REASON = "headers"
"""The word such requests are counted under."""

_ONCE = frozenset({b"host", b"content-length", b"transfer-encoding", b"content-type"})


def are_ambiguous(scope: Scope, values: Mapping[str, str], naming: Collection[bytes]) -> bool:
    """Return whether a body's length, or who asks, depends on who reads a request's headers.

    `values` are the first of each name, `naming` the headers that say who asks.
    """
    coding = values.get("transfer-encoding")
    if coding is not None and ("content-length" in values or coding.strip().lower() != "chunked"):
        return True
    headers = scope["headers"]
    if len(values) == len(headers):  # nearly always: no name comes twice
        return False
    said = [name for name, _ in headers if name in _ONCE or name in naming]
    return len(said) != len(set(said))

"""Documents in which nobody is named: for reports that go elsewhere, and for who may not know."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from distillgate.admin.console.source import Document
from distillgate.campaign.jobs import Job


def pseudonymous(document: Document, secret: bytes) -> Job[Document]:
    """Return a document in which accounts and organisations have other names, the same throughout.

    Names that people gave to campaigns stay.
    """
    made: Document = yield from _walk(document, "", secret)
    return made


def _walk(value: Any, key: str, secret: bytes) -> Job[Any]:
    if isinstance(value, Mapping):
        yield 2
        named = key == "organisations"
        found = {}
        for name, one in value.items():
            told = _other(name, "organisation", secret) if named else name
            found[told] = yield from _walk(one, name, secret)
        return found
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], int | float):
            return value  # a column of a picture: long, and nobody's name
        items: list[Any] = []
        for one in value:
            items += [(yield from _walk(one, key, secret))]
        return items
    if key in ("account", "organisation") and isinstance(value, str):
        return _other(value, key, secret)
    return value


def _other(name: str, kind: str, secret: bytes) -> str:
    digest = hmac.new(secret, f"{kind} {name}".encode(), hashlib.blake2b).hexdigest()
    return f"{kind}-{digest[:10]}"

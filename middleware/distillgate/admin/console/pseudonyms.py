"""Documents in which nobody is named: for reports that go elsewhere, and for who may not know."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from distillgate.admin.console.source import Document


def pseudonymous(document: Document, secret: bytes) -> Document:
    """Return a document in which accounts and organisations have other names, the same throughout.

    Names that people gave to campaigns stay.
    """

    def other(name: str, kind: str) -> str:
        digest = hmac.new(secret, f"{kind} {name}".encode(), hashlib.blake2b).hexdigest()
        return f"{kind}-{digest[:10]}"

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            if key == "organisations":
                return {other(name, "organisation"): walk(one) for name, one in value.items()}
            return {name: walk(one, name) for name, one in value.items()}
        if isinstance(value, list | tuple):
            if value and isinstance(value[0], int | float):
                return value  # a column of a picture: long, and nobody's name
            return [walk(one, key) for one in value]
        if key in ("account", "organisation") and isinstance(value, str):
            return other(value, key)
        return value

    made: Document = walk(document)
    return made

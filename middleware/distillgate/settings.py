"""The base of every stage's settings: a setting lives beside the code that reads it."""

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SecretStr,
)
from pydantic_core import CoreSchema

Positive = Annotated[float, Field(gt=0)]
"""A rate or an amount that nothing can be divided by when it is zero."""

Share = Annotated[float, Field(gt=0, lt=1)]
"""A part that is neither nothing nor all: its odds are taken."""


def _power_of_two(value: int) -> int:
    if value < 1 or value & (value - 1):
        raise ValueError("must be a power of two")
    return value


Places = Annotated[int, AfterValidator(_power_of_two)]
"""How many places a direct-mapped table has: the last bits of a hash name one."""


def _plain_url(value: SecretStr) -> SecretStr:
    """Refuse a URL whose password is read otherwise than it is meant.

    What follows a raw `#`, `/` or `?` is no password to a URL's reader but a part of the address,
    and is then looked up, logged and told as one. Never repeats what it was given.
    """
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        sound = parts.port is None or parts.port > 0
    except ValueError:  # brackets, or a port that is no number
        sound = False
    else:
        userinfo, _, _ = parts.netloc.rpartition("@")
        sound = (
            sound
            and not re.search(r"[\s\x00-\x1f@]|%(?![0-9A-Fa-f]{2})", userinfo)
            and "@" not in parts.path + parts.query + parts.fragment
            and not parts.fragment
        )
    if not sound:
        raise ValueError(
            "not like scheme://user:password@host:port; in a name or password write @ as %40, "
            "# as %23, / as %2F, ? as %3F, [ as %5B, % as %25 and a space as %20"
        )
    return value


SecretUrl = Annotated[SecretStr, AfterValidator(_plain_url)]
"""An address that may hold a password."""


class Settings(BaseModel):
    """Frozen, strict, and closed: an unknown key is an error.

    The text under a field becomes its line in `config.example.yaml` and in the JSON Schema; the
    YAML path of a setting is the path of the module that reads it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        defer_build=True,
    )

    @classmethod
    def descriptions(cls) -> Mapping[str, str]:
        """Return the text under each field, inherited ones included."""
        found: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            if issubclass(base, Settings):
                found |= _classes(base.__module__).get(base.__name__, {})
        return found

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions: only now, as most processes never ask for them."""
        found = handler(schema)
        properties = handler.resolve_ref_schema(found).get("properties", {})
        for name, text in cls.descriptions().items():
            if name in properties:
                properties[name].setdefault("description", text)
        return found


@cache
def _classes(module: str) -> Mapping[str, Mapping[str, str]]:
    """Read a module's classes, and the text under each of their fields, from its source.

    pydantic's `use_attribute_docstrings` reads it for every class as it is imported, which took a
    third of the time of importing the gate.
    """
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _texts(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts(node: ast.ClassDef) -> Mapping[str, str]:
    found = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(doc))
            ):
                found[name] = inspect.cleandoc(doc)
    return found

"""The base of every stage's settings: a setting lives beside the code that reads it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


class Settings(BaseModel):
    """Frozen, strict, and closed: an unknown key is an error.

    The text under a field becomes its line in `config.example.yaml` and in the JSON Schema; the
    YAML path of a setting is the path of the module that reads it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

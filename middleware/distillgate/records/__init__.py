"""Records: what is written of the state and of what happened, and read again by other versions."""

from distillgate.records.record import (
    FrozenRecord,
    FrozenStruct,
    Part,
    Record,
    batched,
    decoder,
    encode,
)

__all__ = ["FrozenRecord", "FrozenStruct", "Part", "Record", "batched", "decoder", "encode"]

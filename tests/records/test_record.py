"""Every record reads what an older version wrote, and what a newer one will write."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import pytest
from tests.engine.conftest import make_engine
from tests.engine.test_learner import SETTINGS, exchange, traffic
from tests.remembering import copied, remembered

import distillgate
from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.texts import Count, Texts
from distillgate.errors import StoreError
from distillgate.records import FrozenRecord, Record, decoder, encode


def _records() -> Iterator[type[msgspec.Struct]]:
    """Find every class of record there is."""
    for module in pkgutil.walk_packages(distillgate.__path__, "distillgate."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    waiting: list[type[msgspec.Struct]] = [Record, FrozenRecord]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith("distillgate."):
                waiting.append(kind)
                yield kind


RECORDS = sorted(set(_records()), key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


def _made(kind: Any) -> Any:
    """Make a value of a type, of its defaults where it has some."""
    hints = get_type_hints(kind, include_extras=True)
    values = {
        field.name: _value(hints[field.name])
        for field in msgspec.structs.fields(kind)
        if field.required
    }
    return kind(**values)


def _value(hint: Any) -> Any:  # noqa: PLR0911 - one a kind
    simple: dict[Any, Any] = {int: 7, float: 1.5, str: "a", bytes: b"b", bool: True}
    if hint in simple:
        return simple[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _made(hint)
    if isinstance(hint, type) and hasattr(hint, "__members__"):
        return next(iter(hint.__members__.values()))
    origin, inner = get_origin(hint), get_args(hint)
    if origin is np.ndarray:
        return np.arange(3.0)
    if origin is tuple and ... not in inner:
        return tuple(map(_value, inner))
    if origin in (list, tuple, dict):
        return origin()
    if origin is Literal:
        return inner[0]
    return None if type(None) in inner else _value(inner[0])


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_field_that_is_added_reads_older_bytes_and_is_left_out_by_an_older_version(
    kind: type[msgspec.Struct],
) -> None:
    config = kind.__struct_config__
    newer = msgspec.defstruct(
        kind.__name__,
        [("added", int, 41)],
        bases=(kind,),
        array_like=True,
        frozen=config.frozen,
        gc=config.gc,
        tag=config.tag,
    )
    made = _made(kind)
    written = encode(made)

    read = decoder(newer)(written)
    assert read.added == 41
    assert encode(read) == encode(newer(*(getattr(made, n) for n in kind.__struct_fields__)))
    assert encode(decoder(kind)(encode(msgspec.structs.replace(read, added=42)))) == written


def test_records_cost_the_collector_nothing() -> None:
    assert {kind.__name__ for kind in RECORDS} >= {"Account", "Group", "Observation", "Imprint"}
    assert [kind for kind in RECORDS if kind.__struct_config__.gc] == []
    assert [kind for kind in RECORDS if not kind.__struct_config__.array_like] == []


def test_a_state_is_read_as_it_was_written_and_goes_on_alike() -> None:
    engine, other = (make_engine(SETTINGS, enforce=True) for _ in range(2))
    sent = list(traffic(900))
    for one in sent[:600]:
        exchange(engine, one)
    other.adopt(copied(engine))

    assert remembered(other.state) == remembered(engine.state)
    for one in sent[600:]:
        assert exchange(other, one) == exchange(engine, one)
    assert remembered(other.state) == remembered(engine.state)


def test_a_trait_that_is_added_finds_the_others_where_they_were() -> None:
    conduct = Conduct(5.0, 30)
    for number in range(3 * len(Trait)):
        conduct.words[number] = number + 1
    conduct.words[Word.BEFORE] = 99
    older = msgspec.msgpack.decode(bytes(conduct))
    older[1] = older[1][: 12 * (len(Trait) - 1)]

    read = Conduct.of(encode(older))

    assert read.born == 5.0
    assert list(read.words[: 3 * len(Trait)]) == [*range(1, 3 * len(Trait) - 2), 0, 0, 0]
    assert read.words[Word.BEFORE] == 99


def test_a_count_that_is_added_finds_the_others_where_they_were() -> None:
    texts = Texts(5.0)
    for which in Count:
        texts[which] = which + 1.0
    texts.word(7)
    texts.signature = 9
    older = msgspec.msgpack.decode(bytes(texts))
    older[0] = older[0][:-4]

    read = Texts.of(encode(older))

    assert [read[which] for which in Count] == [*(which + 1.0 for which in list(Count)[:-1]), 0.0]
    assert (read.signature, read.wordings()) == (9, texts.wordings())


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\x01", b"\xa1a"])
def test_what_is_no_record_is_told(data: bytes) -> None:
    with pytest.raises(StoreError):
        decoder(RECORDS[0])(data)

"""Records keep every field of what they are made of, and read nothing else."""

import dataclasses
from array import array
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.conduct import Conduct, Trait
from distillgate.account.probing import Probing
from distillgate.account.texts import Texts
from distillgate.account.windows import Usage
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.keys import Kind
from distillgate.errors import StoreError
from distillgate.fingerprint.asks import Ask
from distillgate.fingerprint.parameters import Probe
from distillgate.stores.codec import Codec, encode, layouts


def account() -> Account:
    made = Account("a", 2**64 - 1, 5.0, AccountSettings())
    made.usage = Usage.none().add((1.0, 2.0, 3.0), 10.0, 100.0)
    made.payloads = made.payloads.add(77)
    made.skeleton = made.skeleton.learn((1, 2, 3)).learn((1, 2))
    made.texts = Texts(1.0)
    made.texts.constant = Ask.REASONING
    made.texts.word(255)
    made.probing = Probing.none().add(Probe((1,), single_token=True))
    made.conduct = Conduct(1.0, 30)
    made.conduct.count(Trait.CANARY, True, 2.0)
    made.buckets = Buckets()
    made.buckets.take("requests", Bucket(5.0, 60.0), 2.0, 3.0)
    made.pardoned_until = 9.0
    return made


def told(value: Any) -> Any:
    """Everything an object holds, as plain values."""
    names = getattr(type(value), "__slots__", ())
    if isinstance(value, bytes | tuple) or not names:
        return value
    return {name: told(getattr(value, name)) for name in names}


def test_an_account_comes_back_whole() -> None:
    made = account()
    made.in_flight = 3
    again = Codec().decode(encode(made))

    assert isinstance(again, Account)
    assert again.in_flight == 0
    again.in_flight = 3
    assert told(again) == told(made)
    assert type(again.payloads) is type(made.payloads)


@pytest.mark.parametrize(
    "value",
    [
        None,
        0,
        -1,
        2**64 - 1,
        2**255 + 1,
        float("-inf"),
        "text",
        b"bytes",
        (1, ("a", (2.5,))),
        {"a": (1, 2)},
        Kind.LINKS,
        Spread(1.0, 2.0, 3.0),
        Counter({"x": 2}),
        array("I", (1, 2)),
    ],
)
def test_plain_values_and_listed_classes_come_back(value: Any) -> None:
    again = Codec().decode(encode(value))
    assert again == value
    assert type(again) is type(value)


def test_lists_stay_lists_and_arrays_arrays() -> None:
    assert Codec().decode(encode([1, (2, 3)])) == [1, (2, 3)]
    vector = np.arange(6, dtype=np.float64).reshape(2, 3)
    again = Codec().decode(encode(vector))
    assert (again == vector).all()
    again[0, 0] = 9.0
    assert Codec().decode(encode(np.float64(1.5))) == 1.5


def test_what_no_record_is_made_of_is_not_written() -> None:
    with pytest.raises(TypeError, match="set"):
        encode({1, 2})


@pytest.mark.parametrize("at", [0, 5, -1])
def test_a_flipped_bit_is_seen(at: int) -> None:
    data = bytearray(encode(account()))
    data[at] ^= 4
    with pytest.raises(StoreError):
        Codec().decode(bytes(data))


def test_a_field_that_was_added_has_its_default_and_one_that_is_gone_is_left_out() -> None:
    written = layouts()
    fields = written[1].fields
    older = tuple("bygone" if name == "plan" else name for name in fields)
    made = account()
    made.plan = "pro"
    again = Codec(written | {1: written[1]._replace(fields=older)}).decode(encode(made))

    assert again.plan is None
    assert again.pardoned_until == 9.0


def test_an_array_of_another_length_is_not_taken_for_ours() -> None:
    written = layouts()
    longer = {name: length + 1 for name, length in written[4].lengths.items()}
    again = Codec(written | {4: written[4]._replace(lengths=longer)}).decode(encode(account()))

    assert written[4].lengths
    assert again.conduct is None
    assert again.texts is not None


def test_an_unknown_class_is_nothing() -> None:
    data = msgspec.msgpack.encode(msgspec.msgpack.Ext(99, msgspec.msgpack.encode([])))
    import zlib

    assert Codec().decode(zlib.crc32(data).to_bytes(4) + data) is None


def test_a_record_without_a_default_for_a_new_field_is_nothing() -> None:
    written = layouts()
    fields = written[13].fields[1:]
    data = encode(dataclasses.astuple(_One(Spread(1.0, 2.0))))
    older = Codec(written | {13: written[13]._replace(fields=("bygone", *fields))})
    assert older.decode(data) == (None,)


@dataclasses.dataclass
class _One:
    value: object

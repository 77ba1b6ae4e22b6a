import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observing import observe

from distillgate.account.bucket import Bucket
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.engine.entries import Entry, Order, decode
from distillgate.errors import StoreError
from distillgate.fingerprint.observation import Handed, Party
from distillgate.policy.charge import AccountStatus, Charge, Debit
from distillgate.records import encode
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import from_document

DOCUMENT = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "You mark essays. Give the mark first, then two reasons."},
        {"role": "user", "content": "The first of the two essays is about rivers and barges."},
        {"role": "assistant", "content": "The mark is seven, for two reasons that follow here."},
        {"role": "user", "content": "Show your reasoning. Why is the river in it so brown?"},
    ],
    "logit_bias": {"7": 1},
    "max_tokens": 1,
}
EXCHANGE = Exchange(
    "a",
    from_document(CHAT, DOCUMENT),
    plan="pro",
    client=Client("198.51.100.7", "curl/8", ["host"]),
)
PARTY = Party("a", 2**64 - 1, "pro", 0.1)
ENTRIES: list[Entry] = [
    msgspec.structs.replace(
        observe(EXCHANGE, Outcome(200, 3, 4, text="It is sand that makes it so brown. " * 9)),
        handed=Handed(1, (2**64 - 1, 0)),
    ),
    observe(from_document(EMBEDDINGS, {"input": ["owl"]})),
    Charge(
        at=1.5,
        account=PARTY,
        payer=msgspec.structs.replace(PARTY, name="team"),
        takes=(
            Debit("tokens", Bucket(1.0, 60.0), -0.25),
            Debit("pool", Bucket(9.0, 1.0, True), 4.0),
        ),
        pools=("g-1",),
        sighting=2**64 - 1,
        standing=AccountStatus(7.5, 1e9, 102),
    ),
    Order(1.0, "lift", "a", until=9.0),
    Order(1.0, "name", 2**64 - 1, name="winter"),
]
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)


@EACH
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    read = decode(encode(entry))

    assert read == entry
    assert type(read) is type(entry)
    assert encode(read) == encode(entry)


def test_an_entry_is_small() -> None:
    assert len(encode(ENTRIES[0])) < 700
    assert len(encode(ENTRIES[2])) < 200


@given(st.binary(max_size=64))
def test_what_is_no_entry_is_told(data: bytes) -> None:
    with pytest.raises(StoreError):
        decode(data)


@given(st.recursive(st.integers(-(2**63), 2**63) | st.text() | st.none(), st.lists))
def test_what_is_another_versions_is_told(value: object) -> None:
    with pytest.raises(StoreError):
        decode(msgspec.msgpack.encode(value))

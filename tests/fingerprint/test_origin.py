import pytest
from msgspec.structs import astuple
from tests.observing import READER

from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.origin import Origin, origin, scrubbed
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import from_document

SDK = ["host", "x-stainless-lang"]


def read(client: Client, attributes: Attributes | None = None, shape: int = 7) -> Origin:
    request = from_document(CHAT, {"messages": []})
    exchange = Exchange("a", request, client=client, attributes=attributes or Attributes())
    return origin(exchange, shape, READER.hash)


def test_of_what_is_not_known_nothing_is_told() -> None:
    assert read(Client()) == Origin(None, None, read(Client()).shape, None, None)


def test_a_neighbourhood_is_told_even_where_it_is_no_public_network() -> None:
    one, other, far = (read(Client(ip)) for ip in ("10.1.2.3", "10.1.2.9", "10.1.3.3"))

    assert one.network is None
    assert one.nearby == other.nearby != far.nearby
    assert read(Client("2001:db8:1::5")).nearby == read(Client("2001:db8:1::6")).nearby


def test_nothing_can_be_read_back() -> None:
    client = Client("198.51.100.7", "curl/8.1", ["host", "accept"], "t13d")
    found = read(client, Attributes(created=1.7e9, payment="card", end_user="ann"))

    assert all(value is None or isinstance(value, int | bool) for value in astuple(found))
    assert found.declared
    assert None not in (found.payment, found.client, found.cohort)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client(None, "OpenAI/Python 3.1", SDK), False),
        (Client(None, "OpenAI/Python 3.1", ["host"]), True),
        (Client(None, None, ["host"]), True),
        (Client(None, "curl/8.1", ["host"]), False),
    ],
)
def test_a_client_that_does_not_tell_itself_is_scrubbed(client: Client, expected: bool) -> None:
    assert scrubbed(client) is expected

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from distillgate.asgi.address import Addresses, AddressSettings, network, parse

PROXY = "10.0.0.1"


def addresses(*trusted: str, header: str = "x-forwarded-for") -> Addresses:
    return Addresses(AddressSettings.model_validate({"trusted": trusted, "header": header}))


def forwarded(*values: str, name: str = "x-forwarded-for") -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for value in values]


def test_the_peer_is_the_client_where_it_is_no_proxy() -> None:
    found = addresses("10.0.0.0/8").client("203.0.113.7", forwarded("198.51.100.1"))

    assert found == "203.0.113.7"


@pytest.mark.parametrize(
    ("values", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        (["192.0.2.66", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        (["198.51.100.1, 10.0.0.3, 10.0.0.2"], "198.51.100.1"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1, unknown"], PROXY),
        (["198.51.100.1, , 10.0.0.2"], "198.51.100.1"),
        (["198.51.100.1,"], "198.51.100.1"),
        ([",, 198.51.100.1 ,\t, ,10.0.0.3, ,"], "198.51.100.1"),
        (["198.51.100.1", "", " , ", "10.0.0.2"], "198.51.100.1"),
        (["198.51.100.1" + ", " * 200 + "10.0.0.2"], "198.51.100.1"),
        ([" , ,"], PROXY),
        ([""], PROXY),
        ([], PROXY),
    ],
)
def test_the_walk_ends_at_the_first_address_no_trusted_proxy_vouches_beyond(
    values: list[str], client: str
) -> None:
    assert addresses("10.0.0.0/8").client(PROXY, forwarded(*values)) == client


@pytest.mark.parametrize(
    ("values", "client"),
    [
        (["for=198.51.100.1;proto=https;by=10.0.0.9"], "198.51.100.1"),
        (['For="[2001:db8::1]:4711"'], "2001:db8::1"),
        (['for=192.0.2.66, for="198.51.100.1:80"', "for=10.0.0.2"], "198.51.100.1"),
        (["for=_hidden"], PROXY),
        (["for=198.51.100.1, , for=10.0.0.2,"], "198.51.100.1"),
        (["for=198.51.100.1", ",", "for=10.0.0.2"], "198.51.100.1"),
        (['for=198.51.100.1;by="a, for=192.0.2.66", for=10.0.0.2'], "198.51.100.1"),
        (['for=198.51.100.1;by="a;for=192.0.2.66"'], "198.51.100.1"),
        (['by="a\\", for=192.0.2.66";for="198.51.100.1"'], "198.51.100.1"),
        (['by=";for=192.0.2.66";for=198.51.100.1'], "198.51.100.1"),
        (['for="192.0.2.66, for="198.51.100.1", for=10.0.0.2'], "198.51.100.1"),
        (['for="192.0.2.66', 'for="198.51.100.1"'], "198.51.100.1"),
        (['for="[2001:db8::1]";proto=https , ,for="10.0.0.2:80"'], "2001:db8::1"),
        (["proto=https"], PROXY),
    ],
)
def test_forwarded_is_read_where_it_is_the_configured_header(
    values: list[str], client: str
) -> None:
    found = addresses("10.0.0.0/8", header="forwarded")

    assert found.client(PROXY, forwarded(*values, name="forwarded")) == client


def test_the_header_that_is_not_configured_cannot_be_used_to_lie() -> None:
    headers = forwarded("198.51.100.1") + forwarded("for=192.0.2.66", name="forwarded")

    assert addresses("10.0.0.0/8").client(PROXY, headers) == "198.51.100.1"
    assert addresses("10.0.0.0/8", header="none").client(PROXY, headers) == PROXY


def test_a_peer_on_a_unix_socket_is_trusted_only_by_name() -> None:
    headers = forwarded("198.51.100.1")

    assert not addresses("10.0.0.0/8").trusts(None)
    assert addresses("10.0.0.0/8").client(None, headers) is None
    assert addresses("unix").trusts(None)
    assert addresses("unix").client(None, headers) == "198.51.100.1"


def test_a_flood_of_hops_is_read_from_its_near_end_only() -> None:
    hops = ", ".join(["198.51.100.1"] + ["10.0.0.2"] * 100_000)

    assert addresses("10.0.0.0/8").client(PROXY, forwarded(hops)) == "10.0.0.2"


@given(st.text(max_size=60))
def test_no_header_raises(text: str) -> None:
    headers = [(b"x-forwarded-for", text.encode("latin-1", "replace"))]

    assert addresses("10.0.0.0/8").client(PROXY, headers)


def test_a_customer_network_is_an_ipv4_address_or_an_ipv6_64() -> None:
    assert network("198.51.100.1") == "198.51.100.1"
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network("testclient") == "testclient"


def test_rubbish_is_no_address() -> None:
    assert parse("1.2.3") is None
    assert parse("[") is None
    assert parse("testclient") is None


def test_a_network_that_is_none_is_an_error() -> None:
    with pytest.raises(ValidationError, match=r"300\.0\.0\.0/8"):
        AddressSettings(trusted=("300.0.0.0/8",))

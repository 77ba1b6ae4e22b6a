import pytest

from distillgate.errors import UpstreamError
from distillgate_lab.drill.target import Target, target


@pytest.mark.parametrize("given", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/"])
def test_a_gate_is_named_with_or_without_the_prefix_that_clients_know(given: str) -> None:
    assert target(given) == Target("http://127.0.0.1:8080", ("127.0.0.1",))


def test_a_prefix_of_the_hosts_own_stays() -> None:
    assert target("http://127.0.0.1/gate/v1").url == "http://127.0.0.1/gate"


@pytest.mark.parametrize("given", ["127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://a:port"])
def test_what_is_no_address_is_said_to_be_none(given: str) -> None:
    with pytest.raises(UpstreamError):
        target(given)


def test_a_host_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(UpstreamError, match=r"gate\.invalid"):
        target("http://gate.invalid")


@pytest.mark.parametrize(
    ("addresses", "near"),
    [
        (("127.0.0.1",), True),
        (("::1", "127.0.0.1"), True),
        (("10.1.2.3",), True),
        (("192.168.0.9", "fd00::1"), True),
        (("8.8.8.8",), False),
        (("10.0.0.1", "8.8.8.8"), False),
        (("2001:4860:4860::8888",), False),
    ],
)
def test_near_is_what_is_loopback_or_private_throughout(
    addresses: tuple[str, ...], near: bool
) -> None:
    assert Target("http://x", addresses).near is near

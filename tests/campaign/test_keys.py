from typing import Any

import pytest
from tests.observing import observe

from distillgate.account.windows import DAY
from distillgate.campaign.keys import Kind, code_of, key_of, keys
from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import from_document


def found(attributes: Attributes | None = None, **client: Any) -> dict[Kind, int]:
    request = from_document(CHAT, {"messages": []})
    exchange = Exchange(
        "a", request, client=Client(**client), attributes=attributes or Attributes()
    )
    listed = list(keys(observe(exchange).sent.origin))
    assert len({key.kind for key in listed}) == len(listed)
    return {key.kind: key.value for key in listed}


def test_what_is_not_known_ties_nobody() -> None:
    assert not {Kind.PAYMENT, Kind.NETWORK, Kind.CLIENT, Kind.COHORT} & found().keys()


@pytest.mark.parametrize("address", ["", "unknown", "192.0.43.7:80", "1.2.3", "::g"])
def test_what_is_no_address_is_no_network(address: str) -> None:
    assert Kind.NETWORK not in found(ip=address)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.43.7", "192.0.43.250", True),
        ("192.0.43.7", "192.0.44.7", False),
        ("2620:0:2830::1", "2620:0:2830:ffff::9", True),
        ("2620:0:2830::1", "2620:0:2831::1", False),
    ],
)
def test_a_network_is_a_neighbourhood(one: str, other: str, *, same: bool) -> None:
    assert (found(ip=one)[Kind.NETWORK] == found(ip=other)[Kind.NETWORK]) is same


PRIVATE = (
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.0.1 100.64.0.1 0.0.0.0 203.0.113.7 "
    "::1 :: fe80::1 fd00::1 2001:db8::1"
)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_a_private_address_is_no_network(address: str) -> None:
    assert Kind.NETWORK not in found(ip=address)


def test_one_payment_instrument_is_one_key() -> None:
    one, again, other = (found(Attributes(payment=p))[Kind.PAYMENT] for p in ("x", "x", "y"))

    assert one == again != other


def test_a_client_is_its_name_and_its_headers() -> None:
    openai: dict[str, Any] = {"user_agent": "OpenAI/Python 3.1", "headers": ["host", "accept"]}

    assert found(**openai) == found(**openai)
    assert found(**openai)[Kind.CLIENT] != found(**openai | {"headers": ["accept"]})[Kind.CLIENT]
    assert found(**openai)[Kind.CLIENT] != found(**openai, ja4="t13d")[Kind.CLIENT]


def test_a_cohort_signed_up_in_one_week_with_one_client() -> None:
    weeks = [
        found(Attributes(created=2900 * 7 * DAY + days * DAY), user_agent="x")[Kind.COHORT]
        for days in (1, 6, 8)
    ]

    assert weeks[0] == weeks[1] != weeks[2]
    assert Kind.COHORT not in found(Attributes(created=1e9))


def test_only_prompts_are_text() -> None:
    assert {kind for kind in Kind if kind.textual} == {Kind.SYSTEM, Kind.TURN}


@pytest.mark.parametrize("key", [0, 1, 2**64 - 1, 0x0123456789ABCDEF])
def test_a_groups_reference_names_its_key(key: int) -> None:
    assert key_of(code_of(key)) == key


@pytest.mark.parametrize(
    "name",
    [
        "",
        "g-",
        "g-1",
        "g-000000000000000G",
        "g-0000000000000000\n",
        "g-00000000000000000",
        "autumn",
    ],
)
def test_no_other_text_is_a_groups_reference(name: str) -> None:
    assert key_of(name) is None

import pytest
from msgspec.structs import replace
from tests.observing import observe

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.campaign.openness import Openness, Shared
from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.observation import Observation
from distillgate.records import decoder, encode
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import from_document

NOW = 100 * DAY
REQUEST = from_document(CHAT, {"model": "m", "messages": [{"role": "user", "content": "Where?"}]})


def account(number: int, opened: float | None = NOW - 60 * DAY) -> Account:
    principal = number * 0x9E3779B97F4A7C15 % 2**64
    made = Account.new(f"a-{number}", principal, NOW)
    made.created = opened
    return made


def sent(
    card: str | None = None,
    ip: str | None = None,
    client: str = "",
    organisation: str | None = None,
) -> Observation:
    return observe(
        Exchange(
            "a",
            REQUEST,
            organisation=organisation,
            client=Client(ip=ip, user_agent=client or None),
            attributes=Attributes(payment=card),
        )
    )


def read(*exchanges: tuple[Account, Observation, float], now: float = NOW) -> Openness:
    shared = Shared.none()
    for who, observation, taken in exchanges:
        shared.count(who, observation, taken, now, 5)
    return shared.read()


def test_accounts_that_declare_organisations_are_told_from_those_that_declare_the_same() -> None:
    named = [f"org-{n // 2}" if n < 10 else None for n in range(20)]
    found = read(*((account(n), sent(organisation=one), 9.0) for n, one in enumerate(named)))

    assert (found.declared, found.organised) == (0.1, 0.5)


def test_one_card_and_one_office_are_open() -> None:
    found = read(*((account(n), sent("c", "51.15.100.7", "app"), 9.0) for n in range(20)))

    assert (found.card, found.address, found.client) == (1.0, 1.0, 1.0)
    assert found.cards == pytest.approx(1.0)
    assert found.young == 0


def test_accounts_of_several_cards_and_blocks_share_them_with_some() -> None:
    def on(cards: int) -> Openness:
        some = (f"c-{n // 4}" if n < cards else f"own-{n}" for n in range(40))
        return read(*((account(n), sent(card, f"51.15.{n}.7"), 9.0) for n, card in enumerate(some)))

    assert (on(40).together, on(20).together, on(0).together) == (1.0, 0.5, 0.0)
    assert on(40).card < 0.1


def test_a_ring_shares_nothing() -> None:
    found = read(*((account(n), sent(f"c-{n}", f"51.15.{n}.7"), 9.0) for n in range(20)))

    assert (found.card, found.address) == (0.0, 0.0)
    assert found.cards == pytest.approx(20)


def test_what_nobody_tells_is_not_shared() -> None:
    found = read(*((account(n), sent(), 9.0) for n in range(20)))

    assert (found.card, found.address, found.cards, found.client) == (0.0, 0.0, 0.0, 0.0)


def test_accounts_that_do_nothing_make_nobody_open() -> None:
    ring = [(account(n), sent(f"c-{n}"), 100.0) for n in range(10)]
    idle = [(account(n), sent("c"), 0.0) for n in range(10, 40)]

    assert read(*ring, *idle).card == 0
    assert read(*ring, *((who, observation, 100.0) for who, observation, _ in idle)).card > 0.7


@pytest.mark.parametrize(
    ("opened", "young"),
    [(NOW - 60 * DAY, 0.0), (NOW - 13 * DAY, 1.0), (NOW, 1.0), (None, 1.0)],
)
def test_an_account_is_young_where_it_was_opened_for_the_work(
    opened: float | None, young: float
) -> None:
    assert read((account(1, opened), sent("c"), 1.0)).young == young


def test_a_new_account_comes_of_age_at_work() -> None:
    working = account(1, NOW - 2 * DAY), sent("c"), 1.0

    assert read(working, now=NOW + 11 * DAY).young == 1
    assert read(working, now=NOW + 13 * DAY).young == 0


def test_where_nobody_tells_when_it_was_opened_a_fortnight_here_will_do() -> None:
    assert read((account(1, None), sent("c"), 1.0), now=NOW + 15 * DAY).young == 0


def test_the_network_that_most_come_from_is_an_accounts() -> None:
    requests = [
        (account(n), sent(ip=ip), 1.0)
        for n in range(10)
        for ip in (f"51.15.{n}.1", "8.8.8.8", f"51.15.{n}.2", f"51.15.{n}.3")
    ]

    assert read(*requests).address == 0


def test_a_declared_organisation_is_seen() -> None:
    found = read(
        *((account(n), sent(organisation="acme" if n < 6 else None), 1.0) for n in range(10))
    )

    assert found.declared == pytest.approx(0.6)


def test_of_many_accounts_a_sample_is_kept_and_the_shares_stay() -> None:
    shared = Shared.none()
    for n in range(2000):
        card = "c" if n % 2 else f"c-{n}"
        shared.count(account(n), sent(card), 1.0, NOW, 5)

    assert len(encode(shared)) < 1800
    assert shared.read().card == pytest.approx(0.5, abs=0.2)
    assert decoder(Shared)(encode(shared)).read() == shared.read()


def test_two_samples_become_one() -> None:
    one, other = Shared.none(), Shared.none()
    for n in range(10):
        one.count(account(n), sent("c"), 1.0, NOW, 5)
        other.count(account(n + 10), sent(f"c-{n}"), 1.0, NOW, 5)

    one.absorb(other)

    assert one.read().card == pytest.approx(9 / 19)
    assert replace(one.read(), card=0.0) != Openness()


def test_of_some_accounts_is_told_what_they_share_and_how_much_of_all_they_took() -> None:
    shared = Shared.none()
    for n in range(20):
        shared.count(account(n), sent("c" if n < 5 else f"c-{n}"), 1.0 + 2.0 * (n >= 5), NOW, 5)
    some = {account(n).principal for n in range(5)}

    assert shared.read(some).card == 1.0
    assert shared.took(some) == pytest.approx(5 / 50)

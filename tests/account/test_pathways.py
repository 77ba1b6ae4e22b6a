from typing import Any

import pytest
from tests.observing import observe

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.pathways import learn_pathways
from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import from_document


def came(conduct: Conduct, client: Client, at: float = 0.0, asked: int = 7, **other: Any) -> None:
    request = from_document(CHAT, {"messages": []} | other.pop("fields", {}))
    exchange = Exchange("a", request, client=client, attributes=other.pop("known", Attributes()))
    origin = observe(exchange).sent.origin
    learn_pathways(conduct, origin, asked, at, refused=other.pop("refused", False))


def share(conduct: Conduct, trait: Trait) -> float | None:
    found = conduct.tally(trait, 0.0)
    return found.share if found is not None else None


def test_networks_and_clients_are_marked() -> None:
    conduct = Conduct(0.0, 30)
    for address in ("203.0.113.7", "203.0.113.9", "198.51.100.1", "2001:db8:1::5", "2001:db8:1::6"):
        came(conduct, Client(address, "curl/8"))

    assert conduct.marked(Word.NETWORKS, 2) == 3
    assert conduct.marked(Word.AGENTS, 2) == 1


def test_a_log_without_headers_says_nothing_of_them() -> None:
    conduct = Conduct(0.0, 30)
    came(conduct, Client())
    assert conduct.words[3 * Trait.SCRUBBED + 1] == 0


def test_named_end_users_are_counted_wherever_they_are_named() -> None:
    conduct = Conduct(0.0, 30)
    came(conduct, Client(), known=Attributes(end_user="u-1"))
    came(conduct, Client(), fields={"user": "u-2"})
    came(conduct, Client())
    assert conduct.words[Word.DECLARED] == 2


@pytest.mark.parametrize(
    ("address", "after", "expected"),
    [("198.51.100.1", 3.0, 1.0), ("203.0.113.8", 3.0, None), ("198.51.100.1", 300.0, None)],
    ids=["another way", "the same way", "late"],
)
def test_a_comeback_by_another_way_is_told(
    address: str, after: float, expected: float | None
) -> None:
    conduct = Conduct(0.0, 30)
    came(conduct, Client("203.0.113.7"), refused=True)
    came(conduct, Client(address), at=after)
    assert share(conduct, Trait.FAILOVER) == expected

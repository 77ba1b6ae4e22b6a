from typing import Any

import pytest
from tests.observing import observe

from distillgate.account.account import Account, AccountSettings
from distillgate.account.conduct import AFTER, Conduct, Trait, Word
from distillgate.account.releases import Releases
from distillgate.account.use import learn_carried, learn_pathways, learn_use
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

SETTINGS = AccountSettings().conduct


def test_an_account_is_remembered_from_its_eighth_request() -> None:
    account, releases = Account.new("a", 1, 0.0), Releases()
    request = from_document(CHAT, {"messages": [{"role": "user", "content": "hi"}]})
    for number in range(1, 20):
        account.exchanges = number
        learn_use(account, observe(request), releases, 0.0, SETTINGS)
        assert (account.conduct is None) == (number < AFTER)

    assert account.conduct is not None
    assert account.conduct.words[3 * Trait.PROBE + 1] == 12 * 64


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


def carried(
    documents: list[dict[str, Any]], operation: Operation = CHAT, gap: float = 0.0
) -> Conduct:
    conduct = Conduct(0.0, 30)
    for number, document in enumerate(documents):
        request = from_document(operation, document)
        learn_carried(conduct, observe(request).sent, number * gap)
    return conduct


def talk(*turns: str, **fields: Any) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {
        "messages": [{"role": roles[i % 2], "content": t} for i, t in enumerate(turns)]
    } | fields


def counted(conduct: Conduct, trait: Trait) -> tuple[float, float]:
    at = 3 * trait
    return conduct.words[at] / 64, conduct.words[at + 1] / 64


def test_a_conversation_that_goes_on_elsewhere_is_interleaved() -> None:
    alone = carried([talk("a"), talk("a", "1", "b"), talk("a", "1", "b", "2", "c")])
    mixed = carried([talk("a"), talk("x"), talk("a", "1", "b"), talk("x", "1", "y")])

    assert counted(alone, Trait.INTERLEAVED) == (0, 2)
    assert counted(mixed, Trait.INTERLEAVED) == (2, 2)


def test_a_conversation_is_foreign_once_where_its_first_turn_never_came() -> None:
    ours = carried([talk("a"), talk("a", "1", "b"), talk("a", "1", "b", "2", "c")])
    theirs = carried([talk("a", "1", "b"), talk("a", "1", "b", "2", "c"), talk("x", "1", "y")])
    few_shot = carried([talk("a", "1", f"b {number}") for number in range(50)])

    assert counted(ours, Trait.FOREIGN) == (0, 1)
    assert counted(theirs, Trait.FOREIGN) == (2, 2)
    assert counted(few_shot, Trait.FOREIGN) == (1, 1)


def test_a_full_memory_of_openings_takes_everything_for_known() -> None:
    many = [talk(f"opening {number}") for number in range(400)]
    trials = counted(carried(many), Trait.FOREIGN)[1]

    assert 60 < trials < 120
    assert counted(carried([*many, talk("new", "1", "b")]), Trait.FOREIGN) == (0, trials)


def test_a_set_of_tools_is_new_once_whatever_its_order() -> None:
    def tools(*names: str) -> dict[str, Any]:
        return talk("a", tools=[{"function": {"name": name}} for name in names])

    found = carried([tools("x", "y"), tools("y", "x"), tools("x", "z"), talk("a")])

    assert counted(found, Trait.TOOLS) == (2, 3)


def test_what_comes_again_well_apart_is_told_from_what_does_not() -> None:
    again = carried([talk("same")] * 60, gap=1800.0)
    burst = carried([talk("same")] * 60, gap=2.0)
    never = carried([talk(f"other {number}") for number in range(60)], gap=7200.0)

    assert counted(again, Trait.CANARY)[0] > 10
    assert counted(burst, Trait.CANARY) == (0, 0)
    hits, trials = counted(never, Trait.CANARY)
    assert hits == 0
    assert trials > 10


def test_probes_of_single_words_are_told_from_those_of_records() -> None:
    probing = {"logprobs": True, "max_tokens": 1}
    found = carried(
        [
            talk("word", **probing),
            talk("a record of more than a word", **probing),
            talk("word", **probing, logit_bias={"5": 1}),
            talk("word"),
        ]
    )
    assert counted(found, Trait.PROBE) == (3, 4)
    assert counted(found, Trait.SINGLE) == (1, 4)


def test_embeddings_of_single_words_are_told_from_those_of_texts() -> None:
    inputs: list[dict[str, Any]] = [
        {"input": "word"},
        {"input": ["one", "two"]},
        {"input": ["one", "a whole text"]},
    ]
    found = carried(inputs, EMBEDDINGS)

    assert counted(found, Trait.VOCABULARY) == (2, 3)
    assert found.marked(Word.OPENINGS, 8) == 0

from typing import Any

from tests.observing import observe

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.traits import learn_carried
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


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

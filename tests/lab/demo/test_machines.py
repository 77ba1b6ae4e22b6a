from itertools import combinations, pairwise

from distillgate_lab.demo import machines
from distillgate_lab.demo.call import Account, Call
from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.script import Playing


def _play(play: Playing, number: int = 0, organisation: str | None = None) -> list[Call]:
    account = Account(f"program-{number}", "program", organisation=organisation)
    return list(play(account, dice("machines", play.__name__, number), 3.0))


def _texts(calls: list[Call]) -> list[str]:
    return [str(call.body["messages"][-1]["content"]) for call in calls]


def test_a_retrieval_product_asks_with_one_template_about_its_own_library() -> None:
    texts = _texts(_play(machines.retrieving))

    assert all(text.startswith(machines.RETRIEVAL) and "Question: " in text for text in texts)
    assert len(set(texts)) == len(texts)


def test_a_batch_asks_for_one_word_as_fast_as_it_goes() -> None:
    calls = _play(machines.classifying)

    assert {call.body["max_tokens"] for call in calls} == {4}
    assert max(b.at - a.at for a, b in pairwise(calls)) < 5.0


def test_agents_share_a_long_prefix_and_grow_what_follows() -> None:
    for number in range(4):
        for before, after in pairwise(_play(machines.coding, number)):
            assert after.body["messages"][0]["content"] == machines.AGENT
            if len(after.body["messages"]) > 2:
                was = before.body["messages"]
                assert after.body["messages"][: len(was)] == was
                assert [m["role"] for m in after.body["messages"][-2:]] == ["assistant", "tool"]


def test_everybody_who_evaluates_runs_the_same_benchmark() -> None:
    runs = [set(_texts(_play(machines.evaluating, number))) for number in range(5)]

    assert all(len(one & other) > len(one) / 2 for one, other in combinations(runs, 2))
    assert all("step by step" in text for text in runs[0])


def test_a_companys_keys_write_alike_about_one_pile_of_work() -> None:
    runs = [set(_texts(_play(machines.extracting, n, "org-depot"))) for n in range(3)]

    assert all(one.isdisjoint(other) for one, other in combinations(runs, 2))
    assert all(text.startswith(machines.EXTRACTION) for run in runs for text in run)


def test_a_teacher_asks_for_the_steps_every_time() -> None:
    texts = _texts(_play(machines.teaching))

    assert texts
    assert all("step by step" in text or "all your work" in text for text in texts)

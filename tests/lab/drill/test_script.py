from pathlib import Path

import pytest

from distillgate.errors import ConfigError
from distillgate_lab.drill.script import Script, scenarios, write
from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.honest import CLASSES


def script(*names: str, accounts: int | None = 5, limit: int = 200, seed: str = "s") -> Script:
    return write(names, accounts=accounts, limit=limit, seed=seed, texts=None)


def test_every_scenario_is_listed_with_a_sentence_of_its_own() -> None:
    listed = list(scenarios())

    assert [name for name, *_ in listed] == [*CAMPAIGNS, *CLASSES]
    assert all(said for *_, said in listed)
    assert len({said for *_, said in listed}) == len(listed)


def test_scenarios_are_played_at_the_same_time_in_the_order_of_their_calls() -> None:
    found = script("chat users", "50 accounts@shared")

    assert {call.label for call in found.calls} == {"chat users", "50 accounts"}
    assert found.calls[0].at == 0.0
    assert [call.at for call in found.calls] == sorted(call.at for call in found.calls)
    assert len(found.calls) == 200
    assert found.left_out > 0
    assert 0.0 < found.days <= 14.0


def test_a_campaign_has_the_accounts_asked_for_and_the_infrastructure_named() -> None:
    found = script("slow@shared", accounts=20, limit=1000)

    assert len({call.record["account"] for call in found.calls}) == 20
    assert len({call.record["client"]["user_agent"] for call in found.calls}) == 1


def test_another_seed_writes_other_texts() -> None:
    first, same, other = (script("chat users", seed=seed) for seed in ("s", "s", "t"))

    assert first == same
    assert first != other


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("chat user", "did you mean 'chat users'"),
        ("slow@mimik", "did you mean 'mimic'"),
        ("nothing of the kind", "--list"),
    ],
)
def test_a_name_that_is_none_is_told_with_the_nearest(name: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        script(name)


def test_a_corpus_gives_the_text(tmp_path: Path) -> None:
    import gzip
    import json

    def rows(name: str, count: int, field: str) -> None:
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            for number in range(count):
                said = f"Tell me about owl number {number} and its nest."
                row = {"id": number, field: said}
                if field == "turns":
                    row[field] = [
                        {"role": "user", "content": said},
                        {"role": "assistant", "content": f"{said} It is a long story." * 3},
                    ]
                file.write(json.dumps(row) + "\n")

    rows("own_benign_talk", 60, "turns")
    rows("own_distill_list", 60, "prompt")

    found = write(["500 accounts"], accounts=4, limit=20, seed="s", texts=tmp_path)
    assert all("owl" in str(call.record["request"]) for call in found.calls)

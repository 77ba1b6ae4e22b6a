import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from benchmarks.detection.log import Writer
from benchmarks.detection.null import NULLS, permute
from benchmarks.detection.world import worlds

from distillgate_lab.scenarios import campaigns, generated, honest
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.words import Vocabulary

Record = dict[str, Any]


def read(path: Path) -> list[Record]:
    with gzip.open(path) as file:
        return [orjson.loads(line) for line in file]


def newest(record: Record) -> str:
    return str(record["request"]["messages"][-1]["content"])


def test_worlds_are_every_kind_on_every_infrastructure_and_one_without() -> None:
    listed = worlds([1, 2], [])

    assert len(listed) == 2 * (3 + 3 * (len(campaigns.CAMPAIGNS) + 1))
    assert [w.name for w in worlds([1], ["no campaign", "slow@mimic"])] == [
        "no campaign",
        "slow@mimic",
    ]


@pytest.mark.parametrize("kind", NULLS)
def test_a_null_world_has_the_same_accounts_and_texts(tmp_path: Path, kind: str) -> None:
    corpus = generated.corpus()
    writer = Writer(tmp_path / "log.jsonl.gz")
    scene = Scene(corpus, Vocabulary(corpus.texts()), "1/x", writer.add, campaign=False)
    scene.label = "chat users"
    honest.CLASSES["chat users"].write(scene, 40)
    writer.close()

    permute(
        tmp_path / "log.jsonl.gz", scene.labels, kind, tmp_path / "null.jsonl.gz", seed=1, days=14
    )
    before, after = read(tmp_path / "log.jsonl.gz"), read(tmp_path / "null.jsonl.gz")

    def said(records: list[Record]) -> list[tuple[str, str]]:
        return sorted((record["account"], newest(record)) for record in records)

    assert said(before) == said(after)
    field = "client" if kind == NULLS[0] else "ts"
    where = {(r["account"], newest(r)): r[field] for r in before}
    moved = sum(where[r["account"], newest(r)] != r[field] for r in after)
    assert moved > len(after) / 2


def test_worlds_are_named_in_parts_with_commas_as_they_come() -> None:
    assert [w.name for w in worlds([1], ["5,000 accounts@shared", "1:10@mimic"])] == [
        "5,000 accounts@shared",
        "25,000 accounts, 1:10@mimic",
    ]

import gzip
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from benchmarks.detection.drawn.permuted import permute
from benchmarks.detection.log import Writer

from distillgate_lab.scenarios import generated, honest
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.words import Vocabulary

Record = dict[str, Any]


def read(path: Path) -> list[Record]:
    with gzip.open(path) as file:
        return [orjson.loads(line) for line in file]


def newest(record: Record) -> str:
    return str(record["request"]["messages"][-1]["content"])


@pytest.mark.parametrize("kind", ["identities", "clocks"])
def test_a_permuted_world_has_the_same_accounts_and_texts(tmp_path: Path, kind: str) -> None:
    corpus = generated.corpus()
    log, kept = tmp_path / "log.jsonl.gz", tmp_path / "kept.jsonl.gz"
    writer = Writer(log)
    scene = Scene(corpus, Vocabulary(corpus.texts()), "1/x", writer.add, campaign=False)
    scene.label = "chat users"
    honest.CLASSES["chat users"].write(scene, 40)
    writer.close()
    shutil.copy(log, kept)

    permute(log, scene.labels, kind, seed="1", days=14)
    before, after = read(kept), read(log)

    def said(records: list[Record]) -> list[tuple[str, str]]:
        return sorted((record["account"], newest(record)) for record in records)

    assert said(before) == said(after)
    field = "client" if kind == "identities" else "ts"
    where = {(r["account"], newest(r)): r[field] for r in before}
    moved = sum(where[r["account"], newest(r)] != r[field] for r in after)
    assert moved > len(after) / 2

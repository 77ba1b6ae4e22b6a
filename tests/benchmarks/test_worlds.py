"""What worlds are made of, read back from their logs."""

import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from benchmarks.detection import campaigns, generated, honest
from benchmarks.detection.campaigns.ring import run
from benchmarks.detection.campaigns.shards import by_subject
from benchmarks.detection.clock import END, START
from benchmarks.detection.infrastructure import INFRASTRUCTURES, Farm, Internet
from benchmarks.detection.log import Writer
from benchmarks.detection.null import NULLS, permute
from benchmarks.detection.scene import Scene
from benchmarks.detection.words import Vocabulary
from benchmarks.detection.world import worlds

Record = dict[str, Any]
Stage = Callable[..., tuple[Scene, Writer]]
CORPUS = generated.corpus()
VOCABULARY = Vocabulary(CORPUS.texts())


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    def make(seed: str = "1/x", *, campaign: bool = False) -> tuple[Scene, Writer]:
        writer = Writer(tmp_path / "log.jsonl.gz")
        return Scene(CORPUS, VOCABULARY, seed, writer, campaign=campaign), writer

    return make


def read(writer: Writer, path: Path) -> list[Record]:
    writer.close()
    with gzip.open(path) as file:
        return [orjson.loads(line) for line in file]


def newest(record: Record) -> str:
    return str(record["request"]["messages"][-1]["content"])


def play(
    stage: Stage, tmp_path: Path, kind: str, infrastructure: str = "mimic"
) -> tuple[Scene, list[Record]]:
    scene, writer = stage(campaign=True)
    campaigns.attack(scene, kind, infrastructure)
    return scene, read(writer, tmp_path / "log.jsonl.gz")


@pytest.mark.parametrize("name", honest.CLASSES)
def test_every_honest_class_writes_traffic_that_tells_nothing_of_its_class(
    stage: Stage, tmp_path: Path, name: str
) -> None:
    scene, writer = stage()
    scene.label = name
    honest.CLASSES[name].write(scene, 3)
    records = read(writer, tmp_path / "log.jsonl.gz")

    assert set(scene.labels.values()) == {name}
    assert {record["account"] for record in records} <= set(scene.labels)
    assert all(START <= record["ts"] < END for record in records)
    assert [r["ts"] for r in records] == sorted(r["ts"] for r in records)
    text = orjson.dumps(records).decode()
    assert f'"{name}"' not in text


@pytest.mark.parametrize("kind", campaigns.CAMPAIGNS)
def test_every_campaign_has_the_accounts_and_exchanges_it_says(
    stage: Stage, tmp_path: Path, kind: str
) -> None:
    plan = campaigns.CAMPAIGNS[kind]
    plan = replace(plan, accounts=min(plan.accounts, 40), each=min(plan.each, 12))
    scene, writer = stage(campaign=True)
    run(scene, plan, "mimic")
    records = read(writer, tmp_path / "log.jsonl.gz")

    assert len({r["account"] for r in records}) == pytest.approx(plan.accounts, abs=1)
    assert len(records) == pytest.approx(plan.accounts * plan.each, rel=0.25)


def test_unrelated_accounts_hardly_ever_send_the_same_text(stage: Stage, tmp_path: Path) -> None:
    scene, writer = stage()
    honest.CLASSES["chat users"].write(scene, 600)
    senders: dict[str, set[str]] = defaultdict(set)
    for record in read(writer, tmp_path / "log.jsonl.gz"):
        senders[newest(record)].add(record["account"])

    shared = sum(len(accounts) > 1 for text, accounts in senders.items() if len(text) > 25)
    assert shared / len(senders) < 0.02


def test_a_conversation_carries_the_answers_that_were_given(stage: Stage, tmp_path: Path) -> None:
    scene, writer = stage()
    honest.CLASSES["chat users"].write(scene, 30)
    records = read(writer, tmp_path / "log.jsonl.gz")
    given = {record["response"]["text"] for record in records}

    carried = [
        message["content"]
        for record in records
        for message in record["request"]["messages"]
        if message["role"] == "assistant"
    ]
    assert len(carried) > 20
    assert set(carried) <= given


def test_a_stored_session_carries_answers_that_were_never_given(
    stage: Stage, tmp_path: Path
) -> None:
    _, records = play(stage, tmp_path, "stored sessions")
    given = {record["response"]["text"] for record in records}

    carried = {
        m["content"] for r in records for m in r["request"]["messages"] if m["role"] == "assistant"
    }
    assert carried
    assert not carried & given


def test_a_relayed_conversation_hops_between_accounts(stage: Stage, tmp_path: Path) -> None:
    _, records = play(stage, tmp_path, "live relay")
    answered = {record["response"]["text"]: record["account"] for record in records}

    hops = Counter(
        answered[message["content"]] != record["account"]
        for record in records
        for message in record["request"]["messages"][-2:-1]
        if message["role"] == "assistant" and message["content"] in answered
    )
    assert hops[True] > hops[False] / 2


def test_an_item_of_rejection_sampling_comes_from_eight_accounts(
    stage: Stage, tmp_path: Path
) -> None:
    _, records = play(stage, tmp_path, "rejection sampling")
    senders: dict[str, set[str]] = defaultdict(set)
    for record in records:
        senders[newest(record)].add(record["account"])

    assert sorted(map(len, senders.values()))[len(senders) // 2] in (7, 8)


def test_a_second_pool_takes_over_when_the_first_is_banned(stage: Stage, tmp_path: Path) -> None:
    _, records = play(stage, tmp_path, "succession")
    banned = {r["account"] for r in records if r["response"]["status"] == 403}
    last = max(r["ts"] for r in records if r["account"] in banned)
    first = min(r["ts"] for r in records if r["account"] not in banned)

    assert len(banned) == pytest.approx(200, abs=2)
    assert abs(first - last) < 6 * 3600.0


def test_infrastructure_is_shared_residential_or_like_everybodys() -> None:
    farms = {kind: Farm(Internet(random.Random(7)), kind, START) for kind in INFRASTRUCTURES}
    drawn = {kind: [farm.identity() for _ in range(90)] for kind, farm in farms.items()}

    blocks = {k: {a.rsplit(".", 1)[0] for i in v for a in i.addresses} for k, v in drawn.items()}
    cards = {k: len({i.payment for i in v if i.payment}) for k, v in drawn.items()}
    agents = {k: len({i.stack.agent for i in v}) for k, v in drawn.items()}
    assert (len(blocks["shared"]), cards["shared"], agents["shared"]) == (4, 5, 1)
    assert (len(blocks["residential"]), cards["residential"], agents["residential"]) == (90, 30, 1)
    assert agents["mimic"] > 10


def test_worlds_are_every_kind_on_every_infrastructure_and_one_without() -> None:
    listed = worlds([1, 2], [])

    assert len(listed) == 2 * (3 + 3 * (len(campaigns.CAMPAIGNS) + 1))
    assert [w.name for w in worlds([1], ["no campaign", "slow@mimic"])] == [
        "no campaign",
        "slow@mimic",
    ]


@pytest.mark.parametrize("kind", NULLS)
def test_a_null_world_has_the_same_accounts_and_texts(
    stage: Stage, tmp_path: Path, kind: str
) -> None:
    scene, writer = stage()
    scene.label = "chat users"
    honest.CLASSES["chat users"].write(scene, 40)
    before = read(writer, tmp_path / "log.jsonl.gz")

    permute(tmp_path / "log.jsonl.gz", scene.labels, kind, tmp_path / "null.jsonl.gz", 1)
    with gzip.open(tmp_path / "null.jsonl.gz") as file:
        after = [orjson.loads(line) for line in file]

    def said(records: list[Record]) -> list[tuple[str, str]]:
        return sorted((record["account"], newest(record)) for record in records)

    assert said(before) == said(after)
    field = "client" if kind == NULLS[0] else "ts"
    where = {(r["account"], newest(r)): r[field] for r in before}
    moved = sum(where[r["account"], newest(r)] != r[field] for r in after)
    assert moved > len(after) / 2


def test_shards_are_of_one_subject() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"{letters[n % 26] * 5} and {letters[n % 26] * 7}" for n in range(260)]

    shards = by_subject(texts, 10)

    assert sorted(i for shard in shards for i in shard) == list(range(260))
    assert sum(len({i % 26 for i in shard}) == 1 for shard in shards) > 20

"""The public comparison: who is what, what each rule does, and the table."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.public.__main__ import judged, main, restricted, shares
from benchmarks.public.rules import (
    ExactDuplicate,
    Phrases,
    RateLimit,
    Rule,
    SharedAddress,
    Volume,
)
from benchmarks.public.worlds import CAMPAIGN, World, worlds

from distillgate.traffic.log import Line, decode


@pytest.fixture(scope="module")
def world() -> World:
    return next(worlds(1, 0.05, ["address"]))


def line(account: str, ts: float = 0.0, text: str = "hello", ip: str = "192.0.2.1") -> Line:
    said = [{"role": "user", "content": text}]
    record: dict[str, Any] = {
        "ts": ts, "account": account, "path": "/v1/chat/completions", "client": {"ip": ip},
        "request": {"model": "m", "messages": said},
    }  # fmt: skip
    read = decode(json.dumps(record).encode())
    assert read is not None
    return read


def named(rule: Rule, lines: list[Line]) -> set[str]:
    return {account for one in lines for account in rule(one)}


def test_a_world_is_the_same_for_the_same_seed_and_in_order(world: World) -> None:
    assert next(worlds(1, 0.05, ["address"])).digest == world.digest
    assert next(worlds(2, 0.05, ["address"])).digest != world.digest
    times = [json.loads(text)["ts"] for text in world.lines]
    assert times == sorted(times)
    assert set(world.labels.values()) == {CAMPAIGN, "offices and universities"}


def test_a_rate_and_a_volume_are_of_one_account() -> None:
    burst = [line("a", ts=number * 0.9) for number in range(61)]
    steady = [line("b", ts=number * 1.1) for number in range(501)]

    assert named(RateLimit(), burst + steady) == {"a"}
    assert named(Volume(), burst + steady) == {"b"}


def test_an_address_and_a_text_are_of_several_accounts() -> None:
    office = [line(f"o-{n}", ip=f"192.0.2.{n}") for n in range(5)]
    home = [line(f"h-{n}", ip="198.51.100.1") for n in range(4)]
    same = [line(f"d-{n}", text=f"  Hello {'WORLD' if n else 'world'} ") for n in range(3)]
    two = [line(f"t-{n}", text="only two") for n in range(2)]

    assert named(SharedAddress(), office + home) == {f"o-{n}" for n in range(5)}
    assert named(ExactDuplicate(), same + two) == {"d-0", "d-1", "d-2"}


def test_phrases_count_from_the_third() -> None:
    asked = [line("a", text="Think step by step.")] * 3 + [line("b", text="Use a rubric.")] * 2

    assert named(Phrases(), asked) == {"a"}


def test_everybody_is_judged_on_the_same_lines(world: World) -> None:
    found = judged(world)

    assert shares(world, found["address"])[1] == 1.0
    assert shares(world, found["distillgate"])[1] == 0.0


def test_logs_can_be_written_and_anothers_decisions_scored(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ring = [account for account, label in world.labels.items() if label == CAMPAIGN]
    decisions = [{"account": account, "action": "throttle"} for account in ring[: len(ring) // 2]]
    (tmp_path / "address.jsonl").write_text("\n".join(map(json.dumps, decisions)))

    main(["--scale", "0.05", "--only", "address", "--out", str(tmp_path),
          "--decisions", str(tmp_path)])  # fmt: skip

    assert len(restricted(tmp_path / "address.jsonl")) == len(ring) // 2
    row = next(
        text for text in capsys.readouterr().out.splitlines() if text.startswith("  address ")
    )
    assert f"{(len(ring) // 2) / len(ring):.0%} / 0.0%" in row
    written = gzip.decompress((tmp_path / "address.jsonl.gz").read_bytes()).splitlines()
    assert written == world.lines
    labels = json.loads((tmp_path / "address.labels.json").read_text())
    assert labels == world.labels

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from distillgate_lab.scenarios.corpus import load
from distillgate_lab.scenarios.text import Family


def write(directory: Path, name: str, rows: list[dict[str, Any]]) -> None:
    with gzip.open(directory / f"{name}.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write(
        tmp_path,
        "x_benign_talk",
        [
            {"id": f"t{n}", "turns": [{"role": "user", "content": f"question {n} " * 4}]}
            for n in range(40)
        ],
    )
    shots = "Q: what is one and one?\nA: two\n" * 20
    write(
        tmp_path,
        "x_benign_prompts",
        [{"id": f"q{n}", "prompt": f"Alone {n}?"} for n in range(30)]
        + [
            {"id": f"e{n}", "group": f"exam {n % 10}", "prompt": f"{n % 10} {shots}Q: {n}?\nA:"}
            for n in range(60)
        ]
        + [
            {"id": f"p{n}", "system": f"Public {n % 9}", "prompt": f"{n:04} " * 500}
            for n in range(90)
        ],
    )
    for source in range(5):
        rows = [{"id": f"{source}-{n}", "prompt": f"List {source}: {n}"} for n in range(20)]
        write(tmp_path, f"x_distill_{source}", rows)
    write(
        tmp_path,
        "x_distill_more",
        [{"id": f"l{n}", "prompt": "K", "params": {"logprobs": True}} for n in range(20)],
    )
    write(
        tmp_path,
        "x_trace_a",
        [{"t": 3.0 * n, "in_tokens": 5, "out_tokens": 2, "session": "s"} for n in range(4)],
    )
    return tmp_path


def prompts(families: list[Family]) -> set[str]:
    return {item.prompt for family in families for item in family.items}


def test_rows_are_sorted_by_what_they_hold(directory: Path) -> None:
    corpus = load(directory, "all")

    assert len(corpus.conversations) == 40
    assert len(corpus.questions) == 30
    assert len(corpus.benchmarks) == 10
    assert len(corpus.public) == 9
    assert len(corpus.documents) == 90
    assert len(corpus.pools) == 5
    assert len(corpus.probes) == 20
    assert corpus.sessions[0].gaps == [3.0, 3.0, 3.0]


def test_the_halves_share_no_text(directory: Path) -> None:
    dev, held = load(directory, "dev"), load(directory, "held")

    assert set(dev.questions).isdisjoint(held.questions)
    assert prompts(dev.public).isdisjoint(prompts(held.public))
    assert prompts(dev.pools).isdisjoint(prompts(held.pools))
    assert not {f.name for f in dev.public} & {f.name for f in held.public}
    assert len(dev.questions) + len(held.questions) == 30


def test_most_work_lists_are_whole_in_one_half_only(directory: Path) -> None:
    dev, held = load(directory, "dev"), load(directory, "held")

    both = {p.items[0].prompt[:7] for p in dev.pools} & {p.items[0].prompt[:7] for p in held.pools}
    assert len(both) == 1


def test_a_file_of_no_known_role_is_left_alone(directory: Path) -> None:
    write(directory, "readme_rows", [{"id": "1", "prompt": "x"}])

    assert "x" not in load(directory, "all").questions

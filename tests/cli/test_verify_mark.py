"""`verify-mark` reads answers in any of its forms, and says what they say of one key."""

from pathlib import Path

import orjson
import pytest
from tests.cli.conftest import Run

from distillgate.actions.mark.codebook import PAIRS, key_of


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text("key: a secret\n")
    return path


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    own = zip(PAIRS, key_of(b"a secret", "g-1"), strict=True)
    texts = [f"It flows. {pair[side]} see it?" for pair, side in own]
    lines: list[object] = [*texts[:10], {"text": texts[10]}, {"response": {"text": texts[11]}}]
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)) + b"\n\n")
    return path


def test_a_marked_models_answers_are_told(run: Run, config: Path, marked: Path) -> None:
    ended = run("verify-mark", marked, "--group", "g-1", "-c", config)

    assert ended.code == 0
    assert ended.out.splitlines() == [
        "12 answers; 12 end with a question, 12 of them in words of the codebook",
        "12 pairs of words tell keys apart; score of g-1: +12",
        "p-value: 0.000244",
    ]
    found = orjson.loads(run("verify-mark", marked, "-g", "g-1", "-c", config, "--json").out)
    assert found["group"] == "g-1"
    assert found["p_value"] == 2**-12


def test_another_groups_key_does_not_fit(run: Run, config: Path, marked: Path) -> None:
    found = orjson.loads(run("verify-mark", marked, "-g", "g-2", "-c", config, "--json").out)

    assert found["p_value"] > 0.01


def test_a_baseline_of_the_same_habits_clears_it(run: Run, config: Path, marked: Path) -> None:
    ended = run("verify-mark", marked, "-g", "g-1", "-c", config, "--baseline", marked)

    assert "p-value: 1\n" in ended.out
    assert "too little to tell" in ended.out


def test_mistakes_are_one_line(run: Run, config: Path, marked: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('"fine"\n{"other": 1}\n')

    keyless = run("verify-mark", marked, "-g", "g-1")
    assert (keyless.code, keyless.err.count("\n")) == (2, 1)
    assert keyless.err.startswith("key: ")
    odd = run("verify-mark", broken, "-g", "g-1", "-c", config)
    assert (odd.code, odd.out) == (2, "")
    assert odd.err.startswith(f"{broken}:2: neither")
    broken.write_text("fine")
    assert run("verify-mark", broken, "-g", "g-1", "-c", config).err.startswith(f"{broken}:1: not")
    gone = run("verify-mark", tmp_path / "none", "-g", "g-1", "-c", config)
    assert gone.err == f"{tmp_path / 'none'}: No such file or directory\n"

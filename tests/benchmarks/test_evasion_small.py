from random import Random
from typing import Any

import pytest
from benchmarks.detection import evasion
from benchmarks.detection.tricks import TRICKS, Trick

CODED = {"base64", "zero-width characters", "content parts", "the task in a picture"}
TASK = "Prove that the square root of seventeen is irrational."


def line(number: int) -> dict[str, Any]:
    return {
        "ts": 1_771_286_400.0 + 60 * number,
        "account": f"a-{number % 3}",
        "plan": None,
        "attributes": {},
        "client": {"ip": "203.0.113.7", "headers": ["host"]},
        "path": "/v1/chat/completions",
        "request": {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Think of every step."},
                {"role": "user", "content": f"{TASK} Case {number}."},
            ],
        },
        "response": {"status": 200, "text": "Yes."},
    }


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.name)
def test_a_trick_sends_every_task_and_leaves_the_campaign_as_it_was(trick: Trick) -> None:
    lines = [line(number) for number in range(9)]
    before = [line(number) for number in range(9)]
    found = list(trick.change(lines, Random(1)))

    assert lines == before
    assert found
    assert [next(iter(one)) for one in found] == ["ts"] * len(found)
    if trick.name not in {
        "base64",
        "zero-width characters",
        "content parts",
        "the task in a picture",
    }:
        written = str([one["request"] for one in found])
        assert written.count(TASK) >= 9


def test_tricks_have_names_of_their_own() -> None:
    assert len({trick.name for trick in TRICKS}) == len(TRICKS) >= 30


def test_it_says_what_every_trick_came_to(capsys: pytest.CaptureFixture[str]) -> None:
    evasion.main(["--trick", "none", "--jobs", "1"])

    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith("| fixed reasoning prompt: none |")
    assert "| 0 of " in row

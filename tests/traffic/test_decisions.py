"""The same decisions are the same bytes."""

import gzip
import json
from pathlib import Path

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.policy.decision import Action, Decision, Reason
from distillgate.traffic.decisions import encode, writing
from distillgate.traffic.log import Line
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import from_document

LINE = Line(
    1771286400.123,
    Exchange(account="a", request=from_document(CHAT, {"model": "m"})),
    Outcome(),
)


def test_a_decision_is_written_as_the_format_says() -> None:
    decision = Decision(
        account="a",
        action=Action.THROTTLE,
        risk=6.123456,
        families={"shape": 4.00001, "link": 2.12345},
        reasons=[Reason("work_list", "link", 2.12345, "9 accounts share a list")],
        group="g1",
    )
    assert encode(LINE, decision) == (
        b'{"ts":1771286400.123,"account":"a","action":"throttle","risk":6.1235,'
        b'"families":{"link":2.1235,"shape":4.0},'
        b'"reasons":[{"signal":"work_list","family":"link","llr":2.1235,'
        b'"text":"9 accounts share a list"}],"group":"g1"}\n'
    )


def test_the_order_of_a_mapping_and_the_sign_of_zero_do_not_show() -> None:
    one = Decision(account="a", risk=-0.00001, families={"x": 1.0, "y": -0.0})
    two = Decision(account="a", risk=0.0, families={"y": 0.0, "x": 1.0})
    assert encode(LINE, one) == encode(LINE, two)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_the_same_lines_are_the_same_file(tmp_path: Path, name: str) -> None:
    files = []
    for folder in ("one", "two"):
        path = tmp_path / folder / name
        path.parent.mkdir()
        with writing(path) as write:
            for _ in range(1000):
                write(encode(LINE, Decision(account="a")))
        files.append(path.read_bytes())
    assert files[0] == files[1]
    text = gzip.decompress(files[0]) if name.endswith(".gz") else files[0]
    assert len([json.loads(line) for line in text.splitlines()]) == 1000


def test_without_a_path_nothing_is_written() -> None:
    with writing(None) as write:
        write(b"x")

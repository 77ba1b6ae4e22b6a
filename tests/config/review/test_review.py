"""Findings stand at their line; what is not given, at its section's."""

from pathlib import Path

from distillgate.config.load import load
from distillgate.config.review.review import placed, review

TEXT = """\
mode: shadow
policy:
  ladder:
    throttle: 8
    refuse: 2
  exemptions:
    - account: a
      reason: why
      expires: 5
record:
  path: traffic.jsonl
"""


def test_each_finding_has_its_line_the_fatal_ones_first(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(TEXT)

    found = list(placed(review(load(path), 9.0), path))

    assert [text.split(": ")[:2] for text, _ in found] == [
        [f"{path}:3", "policy.ladder.degrade"],
        [f"{path}:5", "policy.ladder.refuse"],
        [f"{path}:9", "policy.exemptions[0].expires"],
        [f"{path}:11", "record.path"],
    ]
    assert [one.fatal for _, one in found] == [True, True, False, False]


def test_the_defaults_have_no_file(tmp_path: Path) -> None:
    assert list(placed(review(load(None), 9.0), None)) == []

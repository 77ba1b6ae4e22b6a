"""Whoever's file still names a setting that is gone is told what became of it."""

from pathlib import Path

import pytest

from distillgate.config.load import read
from distillgate.config.nearest import settings_at
from distillgate.config.removed import REMOVED, became_of
from distillgate.config.schema import Config
from distillgate.errors import ConfigError

FORMER = [tuple(line.split(".")) for line in
          (Path(__file__).parent / "former_keys.txt").read_text().splitlines()]  # fmt: skip
"""Every key that version 0.1.0 could be given."""


def known(path: tuple[str, ...]) -> bool:
    here = settings_at(Config, path[:-1])
    return here is not None and path[-1] in here.model_fields


def test_every_key_that_was_one_still_is_or_has_its_message() -> None:
    assert len(FORMER) > 500
    lost = [".".join(path) for path in FORMER if not known(path) and became_of(path) is None]

    assert lost == []


def test_no_message_stands_at_a_key_that_is_one() -> None:
    told = [tuple(path.split(".")) for path in REMOVED]

    assert [path for path in told if known(path)] == []


def test_a_key_is_told_with_its_line_and_what_became_of_it() -> None:
    text = "signals:\n  reasoning:\n    ceiling: 1.0\nstore: {path: x}\n"
    with pytest.raises(ConfigError) as raised:
        read(text, Config, source="c.yaml")

    first, second = str(raised.value).splitlines()
    assert first.startswith("c.yaml:2: signals.reasoning: no setting any more: ")
    assert "`signals.off` turns a detector off" in first
    assert second == "c.yaml:4: store: it is `log.path` now"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", "b"), "gone"),
        (("a", "b", "c", 0), "gone"),
        (("a",), None),
        (("b",), None),
        (("x", "a", "b"), None),
        (("top",), "moved"),
        ((), None),
    ],
)
def test_what_was_below_a_key_shares_its_fate(
    path: tuple[str | int, ...], found: str | None
) -> None:
    removed = {"a.b": "gone", "top": "moved"}

    assert became_of(path, removed) == found

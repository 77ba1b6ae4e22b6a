"""What a reload takes, what waits, and when two processes hold the same configuration."""

import re
from pathlib import Path

import pytest

from distillgate.config.changes import START_ONLY, InForce, is_start_only
from distillgate.config.schema import Config

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def read(**given: object) -> Config:
    return Config.model_validate(given, strict=False)


def test_what_is_taken_and_what_waits_is_named() -> None:
    held = InForce(read(mode="shadow", proxy={"port": 8080}))

    changes = held.take(read(mode="enforce", proxy={"port": 9090}), 5.0)

    assert changes == (("mode",), ("proxy.port",))
    assert (held.waiting, held.at) == (("proxy.port",), 5.0)
    assert held.take(read(mode="enforce", proxy={"port": 8080}), 6.0) == ((), ())


def test_what_waits_goes_on_waiting_though_nothing_is_new() -> None:
    held = InForce(read())
    for _ in range(2):
        assert held.take(read(record={"path": "x"}), 5.0).waiting == ("record.path",)


def test_the_name_is_of_what_holds_and_not_of_what_waits() -> None:
    held = InForce(read())
    start = held.name

    held.take(read(proxy={"port": 9090}), 5.0)
    assert held.name == start
    held.take(read(mode="enforce"), 5.0)
    assert held.name != start
    assert held.name == InForce(read(mode="enforce")).name
    assert re.fullmatch(r"[0-9a-f]{12}", held.name)


def test_a_secret_counts_and_is_not_shown() -> None:
    one, other = InForce(read(key="one")), InForce(read(key="other"))

    assert one.name != other.name
    assert one.take(read(key="other"), 5.0).waiting == ("key",)


@pytest.mark.parametrize("path", START_ONLY)
def test_what_the_docs_say_waits_for_a_start_does(path: str) -> None:
    found: object = Config()
    for part in path.split("."):
        found = getattr(found, part)
    assert is_start_only(path)
    assert not is_start_only("policy.ladder.throttle")
    name = path.split(".")
    (row,) = re.findall(rf"(?m)^\| [^|]*`{name[0]}`[^|]* \|.*\|$", _table())
    assert "at the start only" in row or all(part in row for part in name)


def _table() -> str:
    (table,) = re.findall(r"\| section \| .*?\n(.*?)\n\n", OPERATIONS, re.DOTALL)
    return str(table)

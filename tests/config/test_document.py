"""YAML's scalars, by the 1.2 core schema, and its references to the environment."""

import pytest

from distillgate.config.document import Spot, dotted, parse, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("off", "off"),
        ("0", 0),
        ("-17", -17),
        ("+3", 3),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("1.2.3", "1.2.3"),
        ("10.0.0.0/8", "10.0.0.0/8"),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_quoted_scalars_stay_text() -> None:
    assert parse("a: '1'\nb: \"true\"\nc: |\n  3\n", {}).values == {
        "a": "1",
        "b": "true",
        "c": "3\n",
    }


def test_every_value_knows_its_line() -> None:
    document = parse("a:\n  b: 1\n  c:\n  - x\n  - ${Y}\n", {"Y": "2"})
    assert document.values == {"a": {"b": 1, "c": ["x", 2]}}
    assert document.spots == {
        (): Spot(1),
        ("a",): Spot(1),
        ("a", "b"): Spot(2, "1"),
        ("a", "c"): Spot(3),
        ("a", "c", 0): Spot(4, "x"),
        ("a", "c", 1): Spot(5, "2", substituted=True),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "one"),
        ("${A:-x}", "one"),
        ("${EMPTY:-x}", "x"),
        ("${NONE:-x y}", "x y"),
        ("http://${A}:${B}/", "http://one:2/"),
        ("$${A}", "${A}"),
        ("$A $ {A}", "$A $ {A}"),
    ],
)
def test_references(text: str, value: str) -> None:
    document = parse(f'k: "{text}"', {"A": "one", "B": "2", "EMPTY": ""})
    assert document.values == {"k": value}
    assert not document.problems


def test_keys_are_not_replaced() -> None:
    assert parse("${A}: 1", {"A": "x"}).values == {"${A}": 1}


def test_paths_are_written_as_people_do() -> None:
    assert dotted(("policy", "plans", "pro")) == "policy.plans.pro"
    assert dotted(("asgi", "trusted", 0, "x")) == "asgi.trusted[0].x"
    assert dotted(()) == ""

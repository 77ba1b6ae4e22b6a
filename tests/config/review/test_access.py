"""Who is let in, as it cannot be meant: one mistake each, at its place."""

from typing import Any

import pytest

from distillgate.admin.proof import hashed
from distillgate.config.review.surface import review
from distillgate.config.schema import Config

LONG = "a long enough secret"
KEYED = {"role": "lead", "key": hashed("dgk-1")}
URL = "https://api.example.com/appeal"


def found(**given: Any) -> dict[str, bool]:
    config = Config.model_validate(given, strict=False)
    return {
        ".".join(map(str, one.path)): one.fatal
        for one in review(config)
        if one.path[0] in ("admin", "actions")
    }


@pytest.mark.parametrize(
    ("admin", "at"),
    [
        ({"people": {"a": KEYED}}, {"people": True}),
        ({"key": LONG, "people": {"a": KEYED}}, {}),
        ({"key": LONG, "listen": "10.0.0.1:8080"}, {"listen": True}),
        ({"key": LONG, "listen": "[::1]:9090"}, {}),
        ({"key": LONG, "people": {"a": {"role": "lead"}}}, {"people.a": True}),
        ({"key": LONG, "people": {"a": KEYED, "b": KEYED}}, {"people.b": True}),
        ({"key": LONG, "proxy": {"trusted": ["10.0.0.1"]}}, {"proxy.trusted": False}),
        (
            {"key": LONG, "people": {"a": {"role": "lead"}}, "proxy": {"trusted": ["unix"]}},
            {},
        ),
        (
            {"key": LONG, "people": {"a": KEYED}, "proxy": {"trusted": ["unix", "::/0"]}},
            {"proxy.trusted.1": True},
        ),
    ],
)
def test_people_and_who_vouches_for_them(admin: dict[str, Any], at: dict[str, bool]) -> None:
    assert found(admin=admin) == {f"admin.{path}": fatal for path, fatal in at.items()}


@pytest.mark.parametrize(
    ("url", "fatal"),
    [
        ("", None),
        (URL, None),
        ("http://api.example.com/appeal", False),
        ("https://api.example.com/v1/appeal", True),
        ("https://api.example.com/distillgate/appeal", True),
        ("https://api.example.com/distillgate", True),
    ],
)
def test_an_appeals_page_has_a_path_of_its_own_over_https(url: str, fatal: bool | None) -> None:
    wanted = {} if fatal is None else {"actions.appeal.url": fatal}
    assert found(key=LONG, actions={"appeal": {"url": url}}) == wanted


def test_links_that_no_restart_would_outlive_are_a_mistake() -> None:
    assert found(actions={"appeal": {"url": URL}}) == {"actions.appeal.url": True}

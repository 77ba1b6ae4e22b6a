"""Addresses, headers, keys and files that cannot be meant: one mistake each, at its place."""

from pathlib import Path
from typing import Any

import pytest

from distillgate.config.review.surface import review
from distillgate.config.schema import Config

LONG = "a long enough secret"


def found(**given: Any) -> dict[str, bool]:
    config = Config.model_validate(given, strict=False)
    return {".".join(map(str, one.path)): one.fatal for one in review(config)}


def test_the_defaults_have_no_finding() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"proxy": {"upstream": "http://127.0.0.1:8080"}}, {"proxy.upstream": True}),
        ({"proxy": {"upstream": "http://localhost:9000", "port": 9000}}, {"proxy.upstream": True}),
        ({"proxy": {"upstream": "http://model:8080"}}, {}),
        ({"proxy": {"ca_file": "/none/ca.pem"}}, {"proxy.ca_file": True}),
        (
            {"proxy": {"upstream": "https://model", "verify_tls": False}},
            {"proxy.verify_tls": False},
        ),
        ({"asgi": {"address": {"trusted": ["0.0.0.0/0"]}}}, {"asgi.address.trusted.0": True}),
        ({"asgi": {"address": {"trusted": ["unix", "10.0.0.0/8"]}}}, {}),
        ({"admin": {"path": "/v1/admin"}}, {"admin.path": True}),
    ],
)
def test_addresses(given: dict[str, Any], at: dict[str, bool]) -> None:
    assert found(**given) == at


@pytest.mark.parametrize(
    ("identity", "at"),
    [
        ({"header": "x account"}, {"header": True}),
        ({"header": "x-account"}, {}),
        ({"header": "x-account", "order": ["key"]}, {"header": True}),
        ({"state": "user", "order": ["key"]}, {"state": True}),
        ({"key_headers": ["authorization", "api key"]}, {"key_headers.1": True}),
        ({"attributes": {"plan": "x-plan:"}}, {"attributes.plan": True}),
        ({"attributes": {"plan": "x-a", "organisation": "X-A"}}, {"attributes": False}),
        ({"order": []}, {"order": True}),
    ],
)
def test_whose_it_is(identity: dict[str, Any], at: dict[str, bool]) -> None:
    where = {f"asgi.identity.{one}": fatal for one, fatal in at.items()}
    assert found(asgi={"identity": identity}) == where


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"key": "short"}, {"key": False}),
        ({"key": LONG, "admin": {"key": LONG}}, {"admin.key": False}),
        ({"admin": {"key": LONG}, "proxy": {"host": "0.0.0.0"}}, {"admin.key": False}),
        ({"admin": {"key": LONG}, "proxy": {"host": "::1"}}, {}),
        (
            {"admin": {"open_metrics": True}, "proxy": {"host": "10.0.0.1"}},
            {"admin.open_metrics": False},
        ),
        ({"log": {"url": "redis://cache:6379"}}, {"log.url": True}),
        (
            {"governance": {"webhook": {"url": "http://a.example/hook", "secret": "s"}}},
            {"governance.webhook.url": False},
        ),
        (
            {"governance": {"webhook": {"url": "https://a.example/hook"}}},
            {"governance.webhook.secret": False},
        ),
    ],
)
def test_keys(given: dict[str, Any], at: dict[str, bool]) -> None:
    assert found(**given) == at


def test_files_have_a_folder_each_is_its_own_and_prompts_are_warned_of(tmp_path: Path) -> None:
    one, none = str(tmp_path / "one"), str(tmp_path / "none" / "audit")

    assert found(governance={"audit": {"path": none}}) == {"governance.audit.path": True}
    assert found(key=LONG, log={"path": one}, governance={"audit": {"path": one}}) == {
        "log.path": True
    }
    assert found(record={"path": one}) == {"record.path": False}
    assert found(telemetry={"log": {"destination": "stder"}}) == {
        "telemetry.log.destination": False
    }
    assert found(mode="enforce", telemetry={"log": {"level": "off"}}) == {
        "telemetry.log.level": False
    }

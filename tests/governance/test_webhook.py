"""A challenge told to a real server."""

import asyncio
import hashlib
import hmac
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conftest import Serving

from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.governance import webhook
from distillgate.governance.webhook import SIGNATURE, Webhook, WebhookSettings


class Listener:
    """An operator's system that fails a number of times first."""

    def __init__(self, failures: int = 0) -> None:
        self.left = failures
        self.got: list[tuple[bytes, str | None]] = []

    async def take(self, request: Request) -> Response:
        self.got.append((await request.body(), request.headers.get(SIGNATURE)))
        self.left -= 1
        return Response(status_code=500 if self.left >= 0 else 204)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self.take, methods=["POST"])])


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_PAUSES", (0.0, 0.0))


def post(url: str, secret: str | None = None) -> list[str]:
    failures: list[str] = []
    settings = WebhookSettings(url=SecretStr(url), secret=SecretStr(secret) if secret else None)
    one = Webhook(settings, failed=lambda where, _: failures.append(where))
    document: dict[str, Any] = {"event": "challenged", "account": "a-1"}
    asyncio.run(one.post(document))
    return failures


def test_a_document_is_posted_once_and_signed(serving: Serving) -> None:
    listener = Listener()

    assert post(f"{serving(listener.app()).url}/hook", "s3cret") == []

    [(body, signature)] = listener.got
    assert body == b'{"event":"challenged","account":"a-1"}'
    assert signature == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()


def test_it_is_tried_three_times(serving: Serving) -> None:
    twice, always = Listener(2), Listener(9)

    assert post(f"{serving(twice.app()).url}/hook") == []
    assert post(f"{serving(always.app()).url}/hook") == ["webhook"]

    assert (len(twice.got), len(always.got)) == (3, 3)
    assert twice.got[0][1] is None


def test_a_server_that_is_not_there_is_told_not_raised(nowhere: str) -> None:
    assert post(f"{nowhere}/hook") == ["webhook"]


@pytest.mark.parametrize(
    "url",
    [
        "http://[s3cret",
        "ftp://user:s3cret@host",
        "htp://hooks.example/T0/s3cret",
        "http://user:p@s3cret@host",
        "http://user:p#s3cret@host/hook",
        "http://user:s3cret@:8080",
    ],
)
def test_an_address_that_is_none_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match=r"governance\.webhook\.url") as raised:
        read(f"governance: {{webhook: {{url: '{url}'}}}}", Config, source="test")

    assert "s3cret" not in str(raised.value)


def test_a_password_in_the_address_signs_in_and_is_shown_to_nobody() -> None:
    settings = WebhookSettings(url=SecretStr("http://user:s3cret@host/hook"))

    assert "s3cret" not in repr(settings)


def test_nobody_is_told_unless_an_address_is_given() -> None:
    assert not Webhook(WebhookSettings(), failed=lambda *_: None).wanted

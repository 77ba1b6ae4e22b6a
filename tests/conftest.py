"""Fixtures every test may use: a clean environment, and real servers on real sockets."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from distillgate.testing.server import Address, serve

Serving = Callable[..., Address]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine has configured is nobody's business here."""
    for name in ("DISTILLGATE_CONFIG", "DISTILLGATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Serve any number of ASGI apps, each on its own free port, until the test ends."""
    with contextlib.ExitStack() as stack:

        def start(app: Any, **options: Any) -> Address:
            return stack.enter_context(serve(app, **options))

        yield start

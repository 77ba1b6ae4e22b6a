"""Fixtures every test may use: a clean environment, and real servers on real sockets."""

import contextlib
import ctypes
import gc
import itertools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `python -m distillgate` does

import httpx2
import hypothesis
import pytest

from distillgate.campaign.jobs import complete
from distillgate.engine.engine import Engine
from distillgate.engine.queries import Queries
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import Address, serve

Serving = Callable[..., Address]

hypothesis.settings.register_profile("loaded", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("loaded")


_MMAP_THRESHOLD = -3
with contextlib.suppress(AttributeError):  # glibc's alone
    # Once an array of some MB was freed, glibc puts all that are no larger on its heap, and gives
    # hardly any of that back: a hundred engines that tests had made and let go were gigabytes.
    ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 1 << 20)


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later garbage collection.

    A gate that a test has started is freed by a collection only. Its arrays are large and its
    objects few, so that collections that had to walk over all the tests came too seldom.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine has configured is nobody's business here."""
    for name in ("DISTILLGATE_CONFIG", "DISTILLGATE_KEY", "DISTILLGATE_ADMIN_KEY"):
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


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The URL of a port that is taken but refuses every connection."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}"


class Worked(NamedTuple):
    """A sidecar through which one operator's accounts have sent a work list."""

    url: str
    """Its operator's pages."""
    key: str
    group: str
    """The group of the accounts' template."""
    log: Path
    engine: Engine
    """The sidecar's; not while it is asked something."""


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Worked]:
    """Play 300 exchanges of 16 accounts of one operator through a sidecar, and keep it up."""
    from tests.engine.conftest import World, lexicon, make_engine

    log = tmp_path / "telemetry"
    settings = {
        "key": "a secret",
        "admin": {"key": "operator"},
        "asgi": {"identity": {"header": "x-account"}},
        "telemetry": {"log": {"destination": str(log)}},
    }
    random_ = Random(1)
    world = World(make_engine(), random_, words=lexicon(random_, 4000))
    gate = Gate(upstream(), settings, clock=map(float, itertools.count(1_800_000_000, 10)).__next__)
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False) as client,
    ):
        for text in world.work_list(300):
            words = f"Please mark this short answer, and say in two lines why.\n{text}"
            asked = {"model": "m", "messages": [{"role": "user", "content": words}]}
            account = {"x-account": f"c-{random_.randrange(16)}"}
            sent = client.post("/v1/chat/completions", json=asked, headers=account)
            assert sent.status_code == 200
        assert gate.parts is not None
        kinds = {actor.kind: actor.id for actor in complete(Queries(gate.parts.engine).actors())}
        yield Worked(
            f"{address.url}/distillgate",
            "operator",
            kinds["prompt template"],
            log,
            gate.parts.engine,
        )

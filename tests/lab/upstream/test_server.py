"""`serve`: a real server, up when the block begins and gone when it ends."""

import socket
import threading
from typing import Any

import httpx2
import pytest

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve


async def _refuses_to_start(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no"})


def test_it_answers_while_the_block_runs_and_not_after() -> None:
    with serve(upstream()) as server:
        assert httpx2.get(f"{server.url}/v1/models").status_code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=5)


def test_its_thread_ends_with_the_block_even_when_the_block_fails() -> None:
    before = set(threading.enumerate())
    with pytest.raises(LookupError), serve(upstream()):
        raise LookupError
    assert set(threading.enumerate()) == before


def test_an_app_that_will_not_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not start"), serve(_refuses_to_start):
        pass


def test_two_servers_run_side_by_side() -> None:
    with serve(upstream()) as one, serve(upstream()) as two:
        assert one.port != two.port

import random

import pytest
from benchmarks import servers
from benchmarks.front_proxies import found
from benchmarks.fronts import echo, gate, hostile, play, write

from distillgate_lab.upstream.server import serve


def test_what_is_wrong_shows_where_nothing_guards_the_upstream() -> None:
    """A server that takes trailers for headers and stops at an upgrade, and no proxy before it."""
    with serve(echo, http="httptools") as upstream:
        result = play(upstream.port, 5)

    assert result["wrong"]
    assert "5 hostile requests" in write({"nobody": result})


def test_hostile_requests_differ_and_are_the_same_in_every_run() -> None:
    first, second = random.Random(7), random.Random(7)
    sent = [hostile(b"evil", first) for _ in range(200)]

    assert sent == [hostile(b"evil", second) for _ in range(200)]
    assert len(set(sent)) > 150


@pytest.mark.skipif(not servers.has_nginx(), reason="needs nginx")
def test_before_the_sidecar_a_real_proxy_keeps_answers_apart() -> None:
    with (
        serve(echo, http="h11") as upstream,
        gate(upstream.port) as behind,
        found()["nginx"](behind) as port,
    ):
        result = play(port, 20)

    assert result["wrong"] == []
    assert result["answered"] > 0

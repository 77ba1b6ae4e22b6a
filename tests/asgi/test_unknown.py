import gzip

import pytest
from tests.asgi.conftest import Echo, Harness

JSON = (b"content-type", b"application/json")
PLAIN = (b"content-type", b"text/plain")
ASKING = b'{"question":"what?","top_k":3}'
OTHER = b'{"name":"file-1","purpose":"batch"}'


@pytest.mark.parametrize("kind", [JSON, PLAIN, (b"x", b"y")])
def test_json_to_a_path_that_is_not_known_is_counted_and_passes(
    harness: Harness, echo: Echo, kind: tuple[bytes, bytes]
) -> None:
    harness.drive(harness.wrap(echo), ASKING[:5], ASKING[5:], path="/v9/ask", headers=[kind])

    assert (echo.bodies, echo.pieces) == ([ASKING], [2])
    assert harness.heard.reasons == ["unknown"]


@pytest.mark.parametrize("body", [b"", b"--boundary", b"name=value", b"\x00\x01"])
def test_what_is_no_json_is_not_counted(harness: Harness, echo: Echo, body: bytes) -> None:
    harness.drive(harness.wrap(echo), body, path="/v9/ask", headers=[PLAIN])

    assert harness.heard.reasons == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ASKING, [JSON]),
        (ASKING, [PLAIN]),
        (b"  " + ASKING, []),
        (b'{"QUESTION":"what?"}', [JSON]),
        (b'[{"prompt":"a"}]', [JSON]),
        (gzip.compress(ASKING, mtime=0), [JSON, (b"content-encoding", b"gzip")]),
        (b'{"x":' + b"[" * 2_000 + b"]" * 2_000 + b',"prompt":"a"}', [JSON]),
        (b'{"x":[' + b"[]," * 20_000 + b"[]]}", [JSON]),
        (b"\xff\xfe" + '{"prompt":"a"}'.encode("utf-16-le"), [JSON]),
    ],
)
def test_what_asks_a_model_may_be_refused(
    harness: Harness, echo: Echo, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    gate = harness.wrap(echo, unread="refuse")

    start, _ = harness.drive(gate, body, path="/v9/ask", headers=headers)

    assert (start["status"], echo.bodies) == (400, [])
    assert harness.heard.reasons == ["unknown"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (OTHER, "/v1/files"),
        (b"--boundary", "/v1/files"),
        (b"{", "/v9/ask"),
        (b"", "/v9/ask"),
        (ASKING, "/v1/moderations"),
        (ASKING, "/v1/moderations/"),
    ],
)
def test_other_traffic_passes_where_unread_calls_are_refused(
    harness: Harness, echo: Echo, body: bytes, path: str
) -> None:
    gate = harness.wrap(echo, unread="refuse")

    start, *_ = harness.drive(gate, body, path=path, headers=[JSON])

    assert (start["status"], echo.bodies) == (200, [body])


def test_a_long_body_to_a_path_that_is_not_known_is_refused_only_if_it_is_json(
    harness: Harness, echo: Echo
) -> None:
    gate = harness.wrap(echo, unread="refuse", body={"max_bytes": 1024})
    long = b'{"prompt":"' + b"x" * 2_000 + b'"}'

    start, *_ = harness.drive(gate, long, path="/v9/ask", headers=[PLAIN])
    assert start["status"] == 400

    start, *_ = harness.drive(gate, b"y" * 2_000, b"z", path="/v9/file", headers=[PLAIN])
    assert (start["status"], echo.bodies) == (200, [b"y" * 2_000 + b"z"])

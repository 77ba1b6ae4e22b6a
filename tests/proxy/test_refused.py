"""A refusal is a whole answer, in a shape that its reader knows."""

import http.client
import io
import json
from typing import Any

import pytest

from distillgate.proxy.head import Head, InvalidRequestError
from distillgate.proxy.refused import written


class _Bytes(io.BytesIO):
    def makefile(self, *_: Any) -> "_Bytes":
        return self


def read(answer: bytes) -> tuple[http.client.HTTPResponse, bytes]:
    response = http.client.HTTPResponse(_Bytes(answer))  # type: ignore[arg-type]  # as a socket
    response.begin()
    return response, response.read()


@pytest.mark.parametrize("status", [400, 408, 414, 431, 503, 505])
@pytest.mark.parametrize("path", [b"/v1/messages", b"/v1/chat/completions", b"/files"])
def test_every_status_has_the_shape_of_the_paths_api(status: int, path: bytes) -> None:
    head = Head("POST", path, b"", "1.1", [])
    response, body = read(written(InvalidRequestError("No.", status, head=head)))
    assert (response.status, response.getheader("connection")) == (status, "close")
    document = json.loads(body)
    assert document["error"]["message"].startswith("No.")
    assert (document.get("type") == "error") is (path == b"/v1/messages")


def test_without_a_path_it_is_plain_text() -> None:
    response, body = read(written(InvalidRequestError("This is no HTTP request.")))
    assert response.getheader("content-type") == "text/plain; charset=utf-8"
    assert body == b"This is no HTTP request.\n"

"""One path is the pages', wherever the gate is mounted; the application sees nothing of it."""

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.admin.conftest import access

from distillgate.admin.pages import Pages


async def app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await PlainTextResponse(f"app {scope['path']}")(scope, receive, send)


def page(request: Any) -> PlainTextResponse:
    return PlainTextResponse(f"page of {request.path_params['id']}")


PAGES = Pages(app, Starlette(routes=[Route("/{id}/page", page)]), "/own", access())


@pytest.mark.parametrize("path", ["/", "/v1/own/page", "/ownish", "/v1/models"])
def test_every_other_path_is_the_applications(path: str) -> None:
    assert TestClient(PAGES).get(path).text == f"app {path}"


@pytest.mark.parametrize("path", ["/own", "/own/", "/own/nothing", "/own//page", "/own/a/b/c"])
def test_nothing_below_the_path_reaches_the_application(path: str) -> None:
    assert TestClient(PAGES).get(path).status_code == 404


@pytest.mark.parametrize("root", ["", "/api", "/api/", "/ow"])
def test_a_root_path_that_is_not_in_the_path_changes_nothing(root: str) -> None:
    client = TestClient(PAGES, root_path=root)

    assert client.get("/own/a/page").text == "page of a"
    assert client.get("/v1/models").text == "app /v1/models"


@pytest.mark.parametrize("below", ["/api", "/a/b", "/own"])
def test_below_a_mount_the_path_counts_from_there(below: str) -> None:
    client = TestClient(Starlette(routes=[Mount(below, PAGES)]))

    assert client.get(f"{below}/own/a/page").text == "page of a"
    assert client.get(f"{below}/v1/models").text == f"app {below}/v1/models"


def test_a_websocket_to_the_path_is_closed() -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        TestClient(PAGES).websocket_connect("/own/page"),
    ):
        pass


@pytest.mark.parametrize(
    "path",
    ["//own/a/page", "/x/../own/a", "/./own", "/%6fwn/a", "/%256fwn/a/page", "/..%2fown/a",
     "/\\own/a", "/%2fown/a"],
)  # fmt: skip
def test_a_path_that_leads_there_once_it_is_tidied_reaches_nobody(path: str) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        raise AssertionError

    scope = {"type": "http", "path": path, "headers": [], "client": ("192.0.2.1", 1)}
    asyncio.run(PAGES(scope, nothing, send))

    assert sent[0]["status"] == 404
    assert json.loads(sent[1]["body"]) == {"error": "not found"}


@pytest.mark.parametrize(("port", "path", "status"), [
    (9090, "/own/a/page", 200), (9090, "/v1/models", 404), (9090, "/", 404),
    (8080, "/own/a/page", 404), (8080, "/own", 404), (8080, "/v1/models", 200),
    (8080, "//own/a/page", 404),
])  # fmt: skip
def test_where_the_pages_have_a_port_of_their_own_each_answers_its_own_alone(
    port: int, path: str, status: int
) -> None:
    pages = Pages(app, Starlette(routes=[Route("/{id}/page", page)]), "/own", access(), 9090)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        raise AssertionError

    scope = {
        "type": "http", "path": path, "headers": [], "method": "GET", "query_string": b"",
        "client": ("192.0.2.1", 1), "server": ("127.0.0.1", port), "root_path": "",
    }  # fmt: skip
    asyncio.run(pages(scope, nothing, send))
    assert sent[0]["status"] == status

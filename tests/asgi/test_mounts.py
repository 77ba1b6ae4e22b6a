"""What hosts do around a mounted gate: it judges as it would alone."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from distillgate.gate import Gate

PATH = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
CONFIG: dict[str, Any] = {
    "mode": "enforce",
    "key": "k",
    "telemetry": {"log": {"level": "off"}},
    "policy": {"plans": {"default": {"requests_per_minute": 3}}},
}
LIMITED = [200, 200, 200, 429, 429]


def clock() -> float:
    """Return a moment: for this gate a minute never ends."""
    return 1_790_000_000.0


GATE = Middleware(Gate, config=CONFIG, clock=clock)
GZIP = Middleware(GZipMiddleware, minimum_size=10)


def host(*middleware: Middleware, **more: Any) -> FastAPI:
    """Return a host with middleware, the outermost first."""
    app = FastAPI(middleware=list(middleware), **more)

    @app.post(PATH)
    async def chat(request: Request) -> dict[str, Any]:
        asked = (await request.json())["messages"][0]["content"]
        message = {"role": "assistant", "content": asked * 100}
        usage = {"prompt_tokens": 1, "completion_tokens": 100, "total_tokens": 101}
        return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}

    return app


def ask(client: TestClient, key: str = "a", path: str = PATH) -> list[int]:
    headers = {"authorization": f"Bearer sk-{key}"}
    return [client.post(path, json=ASKED, headers=headers).status_code for _ in LIMITED]


def test_a_client_without_a_lifespan_whose_every_request_has_a_loop_of_its_own() -> None:
    assert ask(TestClient(host(GATE))) == LIMITED


def test_a_host_that_starts_again_goes_on_with_what_its_gate_knows() -> None:
    app = host(GATE)
    with TestClient(app) as client:
        assert ask(client) == LIMITED
    with TestClient(app) as client:
        assert ask(client) == [429] * 5
        assert ask(client, "b") == LIMITED


@pytest.mark.parametrize("order", [(GATE, GZIP), (GZIP, GATE)], ids=["outside", "inside"])
def test_a_host_that_compresses(order: tuple[Middleware, ...]) -> None:
    with TestClient(host(*order)) as client:
        answer = client.post(PATH, json=ASKED, headers={"authorization": "Bearer sk-z"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.json()["choices"][0]["message"]["content"] == "hello" * 100
        assert ask(client) == LIMITED
        refused = client.post(PATH, json=ASKED, headers={"authorization": "Bearer sk-a"})
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"


def test_middleware_that_reads_bodies_outside_and_inside() -> None:
    app = host()

    async def measured(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        size = len(await request.body())
        answer = await call_next(request)
        answer.headers.append("x-size", str(size))
        return answer

    app.middleware("http")(measured)
    app.add_middleware(Gate, config=CONFIG, clock=clock)
    app.middleware("http")(measured)
    with TestClient(app) as client:
        assert ask(client) == LIMITED
        answer = client.post(PATH, json=ASKED, headers={"authorization": "Bearer sk-b"})
        size = answer.request.headers["content-length"]
        assert answer.headers.get_list("x-size") == [size, size]


@pytest.mark.parametrize("below", [False, True], ids=["root path", "sub-application"])
def test_a_host_below_a_path(*, below: bool) -> None:
    outer = host(GATE)
    if below:
        outer = FastAPI(middleware=[GATE])
        outer.mount("/llm", host())
    with TestClient(outer, root_path="" if below else "/llm") as client:
        assert ask(client, path=f"/llm{PATH}") == LIMITED


class Backend(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        return AuthCredentials(), SimpleUser(conn.headers["x-user"])


def test_authentication_outside_names_the_account_whatever_its_keys() -> None:
    with TestClient(host(Middleware(AuthenticationMiddleware, backend=Backend()), GATE)) as client:
        for user in ("ada", "bob"):
            asked = [
                client.post(
                    PATH,
                    json=ASKED,
                    headers={"x-user": user, "authorization": f"Bearer sk-{number}"},
                )
                for number in range(5)
            ]
            assert [answer.status_code for answer in asked] == LIMITED


def test_a_host_that_fails_as_it_ends_fails_as_without_the_gate() -> None:
    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[dict[str, int]]:
        yield {"connections": 7}
        raise RuntimeError("the database is gone")

    app = host(GATE, lifespan=life)

    @app.get("/connections")
    async def connections(request: Request) -> int:
        found: int = request.state.connections
        return found

    client = TestClient(app)
    client.__enter__()
    assert client.get("/connections").json() == 7
    assert ask(client) == LIMITED
    with pytest.raises(RuntimeError, match="the database is gone"):
        client.__exit__(None, None, None)

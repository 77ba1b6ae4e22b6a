"""A running gate is asked: what it answers, and what is said where it does not."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from tests.cli.conftest import Run

from distillgate.admin.proof import proof
from distillgate.cli.main import app as commands
from distillgate.cli.running import NeededUrlOption, UrlOption, ask
from distillgate.errors import UpstreamError


async def echo(request: Request) -> Response:
    if request.path_params["rest"] == "proof":
        return JSONResponse({"proof": proof("hush", request.query_params["nonce"])})
    if request.path_params["rest"] == "odd":
        return PlainTextResponse("not JSON")
    if request.path_params["rest"] == "gone":
        return Response(status_code=404)
    if request.path_params["rest"] == "no":
        return JSONResponse({"error": "because"}, 409)
    if request.path_params["rest"] == "broken":
        return JSONResponse(["what"], 500)
    return JSONResponse(
        {
            "method": request.method,
            "path": request.path_params["rest"],
            "key": request.headers.get("authorization"),
            "body": (await request.body()).decode(),
        }
    )


@pytest.fixture
def url(serving: Any) -> str:
    route = Route("/admin/{rest:path}", echo, methods=["GET", "POST"])
    found: str = serving(Starlette(routes=[route])).url + "/admin/"
    return found


def test_a_page_is_asked_for_with_its_key(url: str) -> None:
    assert ask(url, "groups", "a b/c?ü%", key="hush") == {
        "method": "GET",
        "path": "groups/a b/c?ü%",
        "key": "Bearer hush",
        "body": "",
    }


class Stranger:
    """Answers everything, and remembers what it was shown."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.shown: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.shown.append(f"{request.url} {request.headers.items()} {await request.body()!r}")
        await JSONResponse(self.answer, self.status)(scope, receive, send)


@pytest.mark.parametrize(
    "stranger",
    [
        Stranger({"error": "not found"}, 404),
        Stranger({"object": "list", "data": []}),
        Stranger({"proof": "0" * 64}),
        Stranger({"proof": 1}),
        Stranger({"proof": "ü"}),
        Stranger(["proof"]),
        Stranger({"proof": proof("another key", "0" * 32)}, 200),
    ],
)
def test_a_stranger_is_not_shown_the_key(serving: Any, run: Run, stranger: Stranger) -> None:
    address = serving(stranger).url

    ended = run("explain", "acme", "--url", address, "--key", "hush")

    assert ended.code == 2
    assert "no gate with this key answers there" in ended.err
    assert "/distillgate" in ended.err
    assert len(stranger.shown) == 1
    assert "hush" not in stranger.shown[0]
    assert "authorization" not in stranger.shown[0]


def test_a_password_in_the_address_is_not_repeated(run: Run, nowhere: str) -> None:
    address = nowhere.replace("http://", "http://user:s3cret@")

    ended = run("explain", "x", "--url", address, "--key", "hush")

    assert ended.code == 2
    assert "s3cret" not in ended.err + ended.out
    assert "hush" not in ended.err + ended.out


def test_what_is_given_is_posted(url: str) -> None:
    answer = ask(url, "x", key=None, given={"name": "n"})
    assert answer is not None
    assert (answer["method"], answer["key"], answer["body"]) == ("POST", None, '{"name":"n"}')


def test_what_is_not_there_is_none(url: str) -> None:
    assert ask(url, "gone", key=None) is None


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("no", "no: answered 409: because"),
        ("broken", "broken: answered 500"),
        ("odd", "odd: Expecting value"),
    ],
)
def test_a_refusal_is_told_with_its_reason(url: str, page: str, said: str) -> None:
    with pytest.raises(UpstreamError) as raised:
        ask(url, page, key=None)
    assert str(raised.value).startswith(url + said)


def test_a_gate_that_is_not_there_is_one_line(run: Run, nowhere: str) -> None:
    ended = run("explain", "x", "--url", nowhere)
    assert ended.code == 2
    assert ended.err.startswith(f"{nowhere}/accounts/x: ")
    assert ended.err.count("\n") == 1


NEEDED = {"reason": "why", "says": "honest", "out": "x"}
"""What options of that name are given."""


def asking(app: typer.Typer = commands, *above: str) -> Iterator[list[str]]:
    """Yield every command that has `--url`, with all that it cannot do without but that."""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from asking(group.typer_instance, *above, str(group.name))
    for command in app.registered_commands:
        assert command.callback is not None
        found = inspect.signature(command.callback).parameters
        if "url" not in found or found["url"].annotation not in (UrlOption, NeededUrlOption):
            continue
        words = [*above, command.name or command.callback.__name__]
        for name, one in found.items():
            if name in NEEDED:
                words += [f"--{name}", NEEDED[name]]
            elif name == "outcome":
                words.append("pardon")
            elif name != "url" and (one.default is one.empty or name == "account"):
                words.append("x")
        yield [*words, "--json"] if words[0] == "report" else words


@pytest.mark.parametrize("words", list(asking()), ids=" ".join)
def test_where_there_are_no_pages_every_command_says_so_and_fails(
    run: Run, serving: Any, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    url = serving(Starlette()).url
    monkeypatch.setenv("DISTILLGATE_URL", url)

    ended = run(*words)

    code = 2 if words[:2] == ["intel", "import"] else 1  # whose report is not there either
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ended.err.count("\n") == 1
    if code == 1:
        assert url in ended.err or "x: " in ended.err


def test_the_address_is_the_environments_unless_a_log_is_named(
    run: Run, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serving(Starlette()).url
    monkeypatch.setenv("DISTILLGATE_URL", url)
    log = tmp_path / "log.jsonl"
    log.write_text("")

    assert run("campaign", "list") == (1, "", f"{url}: no operator's pages there\n")
    assert run("campaign", "list", "--replay", log).out == "no campaign is known\n"
    assert run("campaign", "list", "--replay", log, "--url", url).code == 2

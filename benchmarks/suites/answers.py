"""An upstream that answers each of an SDK's calls with the least value of the type it expects.

Run with the SDK's interpreter, as `python answers.py SDK`: the port is a line on standard output.
What a call answers is read out of the SDK's own source: `self._post("/path", ..., cast_to=Type)`.
"""

import ast
import collections.abc
import contextlib
import datetime
import importlib
import inspect
import json
import pkgutil
import re
import sys
import types
import typing
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pydantic

METHODS = {"_get": "GET", "_post": "POST", "_put": "PUT", "_patch": "PATCH", "_delete": "DELETE"}
PLAIN: dict[Any, Any] = {
    str: "string",
    int: 1,
    float: 1.0,
    bool: True,
    bytes: "string",
    object: {},
    Any: {},
}
PLAIN |= {
    None: None,
    types.NoneType: None,
    datetime.datetime: "2026-01-01T00:00:00Z",
    datetime.date: "2026-01-01",
}
DEPTH = 12


class Route(NamedTuple):
    """A call of the SDK, and the types of its whole answer and of a streamed event."""

    method: str
    path: re.Pattern[str]
    whole: Any
    event: Any


def routes(sdk: str) -> list[Route]:
    """Read every call out of the SDK's resources; paths without parameters come first."""
    package = importlib.import_module(f"{sdk}.resources")
    found: list[Route | None] = []
    for info in pkgutil.walk_packages(package.__path__, f"{sdk}.resources."):
        module = importlib.import_module(info.name)
        nodes = ast.walk(ast.parse(inspect.getsource(module)))
        found += [_route(node, vars(module)) for node in nodes if isinstance(node, ast.Call)]
    return sorted(filter(None, found), key=lambda route: route.path.pattern.count("[^/]+"))


def _route(call: ast.Call, names: dict[str, Any]) -> Route | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    method = METHODS.get(name) or ("GET" if name == "_get_api_list" else None)
    path = _path(call.args[0]) if call.args else None
    if method is None or path is None:
        return None
    given = {one.arg: one.value for one in call.keywords}
    if "method" in given:  # a list that is asked for with POST
        method = str(ast.literal_eval(given["method"])).upper()
    whole = given.get("cast_to", given.get("page"))
    return Route(
        method, re.compile(path + "$"), _value(whole, names), _value(given.get("stream_cls"), names)
    )


def _path(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and node.args:  # path_template("/a/{b}", b=b)
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(
            str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values
        )
    else:
        return None
    text = text.partition("?")[0]
    return ".*" + "[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", text))


def _value(node: ast.expr | None, names: dict[str, Any]) -> Any:
    """Evaluate a type as the SDK's source writes it; None where it is made at run time."""
    if node is None:
        return None
    try:
        return eval(ast.unparse(node), dict(names))
    except NameError:
        return None


def least(kind: Any, depth: int = DEPTH) -> Any:
    """Build the least JSON value of a type."""
    if not depth or kind in PLAIN:
        return PLAIN[kind if depth else None]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if inspect.isclass(origin or kind) and issubclass(origin or kind, pydantic.BaseModel):
        return _model(kind, depth)
    if origin is typing.Literal:
        return arguments[0]
    if origin in (typing.Union, types.UnionType):
        arguments = tuple(one for one in arguments if one is not types.NoneType)
    elif origin in (list, set, tuple, collections.abc.Iterable):
        return [least(arguments[0], depth - 1)]
    # Of Union, Annotated, Type and Required the first.
    return least(arguments[0], depth) if arguments and origin is not dict else {}


def _model(kind: type[pydantic.BaseModel], depth: int) -> dict[str, Any]:
    return {
        field.alias or name: least(field.annotation, depth - 1)
        for name, field in kind.model_fields.items()
        if field.is_required() or (field.annotation is not None and _literal(field.annotation))
    }


def _literal(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Literal


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    table: typing.ClassVar[list[Route]] = []

    def answer(self) -> None:
        """Answer one request, whatever its method."""
        body = b"".join(self.body())
        path = self.path.partition("?")[0]
        fits = [one for one in self.table if one.method == self.command and one.path.match(path)]
        streamed = re.search(rb'"stream":\s*true', body) is not None
        kind = next((one.event for one in fits if streamed and one.event is not None), None)
        if kind is not None:
            event = json.dumps(least(kind.__args__[0])).encode()
            self.send(b"data: %b\n\ndata: [DONE]\n\n" % event, "text/event-stream")
        elif not fits:
            self.send(b'{"error":{"message":"no such call"}}', "application/json", 404)
        elif "Binary" in str(fits[0].whole):
            self.send(b"binary", "application/octet-stream")
        else:
            self.send(json.dumps(least(fits[0].whole)).encode(), "application/json")

    def __getattr__(self, name: str) -> Any:
        """Answer every method alike: the base class calls `do_GET` and so on."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def body(self) -> Iterator[bytes]:
        """Read the request's body."""
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            yield self.rfile.read(int(self.headers.get("content-length", "0")))
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def send(self, body: bytes, kind: str, status: int = 200) -> None:
        """Write an answer in one piece."""
        self.send_response_only(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Threads for the hundreds of connections that a suite opens."""

    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off: tests do."""


if __name__ == "__main__":
    Handler.table = routes(sys.argv[1])
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()

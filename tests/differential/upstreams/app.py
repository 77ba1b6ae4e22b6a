"""A Python server of models that models nothing: it says what it took each request for.

Run as a process: `python -m tests.differential.upstreams.app HTTP READING`. Every request is a
line of JSON on standard output, written before its answer; every line of standard input is written
back.
"""

import asyncio
import base64
import json
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import uvicorn
from tests.differential.upstreams import calls, reading


class Reading(NamedTuple):
    """How a server reads: the path, the coding, the JSON."""

    path: Callable[[str], str]
    decode: Callable[[bytes, list[str]], bytes]
    json: Callable[[bytes], Any]


READINGS = {
    "usual": Reading(reading.usual_path, reading.undecoded, reading.usual_json),
    "strict": Reading(reading.usual_path, reading.strictly_decoded, reading.strict_json),
    "lenient": Reading(reading.lenient_path, reading.leniently_decoded, reading.lenient_json),
}


_output = threading.Lock()


def say(**fields: Any) -> None:
    """Write one line for the test."""
    with _output:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


def echo() -> None:
    """Write back what the test says, which tells it that it has read everything before."""
    for line in sys.stdin:
        say(event="echo", text=line.strip())


class Upstream:
    """The ASGI application."""

    def __init__(self, how: Reading) -> None:
        self._how = how

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [(a.decode("latin-1"), b.decode("latin-1")) for a, b in scope["headers"]]
        taken = self._take(scope, headers, body)
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        say(
            event="request",
            method=scope["method"],
            target=(scope["raw_path"] + query).decode("latin-1"),
            headers=headers,
            body=base64.b64encode(body).decode(),
            call=taken,
        )
        status = 200 if taken is not None else 404
        answer = [(b"x-upstream", b"1"), (b"content-length", b"3")]
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": b"ok\n"})

    def _take(self, scope: Any, headers: list[tuple[str, str]], body: bytes) -> Any:
        operation = reading.OPERATIONS.get(self._how.path(scope["raw_path"].decode("latin-1")))
        if scope["method"] != "POST" or operation is None:
            return None
        said = ",".join(value for name, value in headers if name == "content-encoding")
        codings = [one.strip().lower() for one in said.split(",") if one.strip()]
        try:
            document = self._how.json(self._how.decode(body, codings))
            return calls.call(operation, document, headers)
        except (ValueError, RecursionError, calls.NoCallError):
            return None


def main(http: Any, how: str) -> None:
    """Serve on a free port until told to end."""
    if how == "lenient":
        sys.set_int_max_str_digits(0)
        sys.setrecursionlimit(30_000)
        threading.stack_size(256 << 20)
    # With its protocol named: asyncio sends small answers at once only where it is (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    app = Upstream(READINGS[how])
    config = uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    threading.Thread(target=echo, daemon=True).start()
    say(event="listening", port=listener.getsockname()[1])
    serving = threading.Thread(
        target=lambda: asyncio.run(uvicorn.Server(config).serve(sockets=[listener])), daemon=True
    )
    serving.start()
    serving.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

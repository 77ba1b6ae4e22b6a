"""Real proxies before a real sidecar, hostile clients beside honest ones: whose answer is whose?

A try is one hostile request and then an honest one on a connection that stays. The upstream answers
with the tag, plan and account it read. Wrong is an honest client that reads another's tag or none,
a hostile client that reads an honest one's, and a plan or an account that a client wrote.
"""

import contextlib
import random
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine, servers
from benchmarks.front_proxies import found
from distillgate_lab.upstream.server import serve

TRIES = 1000
PATIENCE = 0.02
"""Seconds a hostile client waits for what it may read; the honest one waits for all of it."""

ANSWER = re.compile(rb"<([^<|>]*)\|([^<|>]*)\|([^<|>]*)>")
GATE = """
mode: shadow
asgi:
  identity: {{header: x-account, attributes: {{plan: x-plan}}}}
telemetry: {{log: {{destination: {folder}/log}}}}
"""


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was read of who asks."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    read: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        read.setdefault(name.replace(b"_", b"-"), []).append(value)
    fields = [b",".join(read.get(name, [])) for name in (b"x-tag", b"x-plan", b"x-account")]
    answer = b"<%b|%b|%b>" % tuple(fields)
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def hostile(tag: bytes, dice: random.Random) -> bytes:
    """Write a request whose parts proxies have been seen to disagree about."""
    body = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
    hidden = b"GET /v1/models HTTP/1.1\r\nHost: h\r\nX-Tag: %b\r\nX-Plan: research\r\n" % tag
    hidden += dice.choice([b"\r\n", b"Content-Length: 40\r\n\r\n", b"X-Rest: "])
    content = dice.choice([body, hidden, body + hidden])
    chunks = b"%x%b\r\n%b\r\n0\r\n" % (len(content), dice.choice([b"", b";a=b"]), content)
    trailer = dice.choice(
        [b"", b"x-plan: research\r\n", b"x-account: root\r\nauthorization: Bearer other\r\n"]
    )
    length, coding = b"Content-Length: %d" % len(content), b"Transfer-Encoding: chunked"
    framing, sent = dice.choice(
        [
            ([length], content),
            ([coding], chunks + trailer + b"\r\n"),
            ([coding, b"Trailer: x-plan"], chunks + trailer + b"\r\n" + hidden),
            ([length], content + hidden),
            ([length, coding], chunks + b"\r\n" + hidden),
            ([b"Content-Length: 0", b"transfer-encoding: chunked"], chunks + b"\r\n" + hidden),
            ([b"Content-Length: 4", length], content),
            ([b"Content-Length: %d, %d" % (len(content), len(content))], content),
            ([b"Content-Length: +%d" % len(content)], content),
            ([b"Transfer-Encoding: xchunked", length], content),
            ([b"Transfer-Encoding: chunked, identity"], chunks + b"\r\n"),
            ([b"Transfer-Encoding: gzip, chunked"], chunks + b"\r\n"),
            ([b"Transfer-Encoding:\x0bchunked", length], content),
            ([b"Transfer-Encoding : chunked", length], content),
            ([b"Transfer_Encoding: chunked", length], content),
            ([b"Content_Length: 0", length], content),
            ([b"X-A: 1\r\n Content-Length: 0", length], content),
            ([b"X-A: 1\nContent-Length: 0", length], content),
            ([], hidden),
        ]
    )
    upgrade = dice.choice(
        [
            [],
            [],
            [b"Connection: upgrade", b"Upgrade: h2c"],
            [b"Connection: keep-alive, Upgrade", b"Upgrade: foo"],
            [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA"],
            [b"Connection: upgrade", b"Upgrade: websocket"],
            [
                b"Connection: Upgrade",
                b"Upgrade: websocket",
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                b"Sec-WebSocket-Version: 13",
            ],
            [b"Connection: x-account, x-tag"],
            [b"Expect: 100-continue"],
        ]
    )
    claims = dice.choice(
        [
            [],
            [b"X-Plan: research"],
            [b"x_plan: research", b"x_account: root"],
            [b"X-Plan : research"],
            [b"X Plan: research"],
            [b"X-Account: root", b"X-Account: other"],
            [b"\tX-Plan: research"],
            [b"X-Plan\x00: research"],
        ]
    )
    hosts = dice.choice([[b"Host: h"]] * 6 + [[], [b"Host: h", b"Host: g"], [b"Host: h, g"]])
    lines = [*hosts, b"X-Tag: " + tag, *framing, *upgrade, *claims]
    if dice.random() < 0.2:
        dice.shuffle(lines)
    method = dice.choice([b"POST", b"POST", b"GET", b"PUT", b"OPTIONS", b"post"])
    target = dice.choice(
        [b"/v1/chat/completions"] * 4 + [b"/v1/../v1/./messages", b"http://h/v1", b"*"]
    )
    version = dice.choice([b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/1.2"])
    return b"\r\n".join((b" ".join((method, target, version)), *lines, b"", sent))


class Honest:
    """A client on a connection that it keeps, as long as the other side does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()

    def ask(self, tag: bytes) -> bytes:
        """Send a request; return the whole answer. A kept connection that was closed is renewed."""
        body = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
        request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nX-Tag: %b\r\n" % tag
        request += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        for _ in range(2):
            kept, self._socket = self._socket, None
            connection = kept or socket.create_connection(("127.0.0.1", self._port), timeout=20)
            with contextlib.suppress(ConnectionError):
                connection.sendall(request)
                answer = b""
                while not answer.endswith(b">") and (part := connection.recv(65536)):
                    answer += part
                if answer:
                    self._socket = connection
                    return answer
            connection.close()
        return b""


def attack(port: int, sent: bytes) -> bytes:
    """Send hostile bytes and return what comes within a moment."""
    got = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(sent)
        while part := connection.recv(65536):
            got += part
    return got


def play(port: int, tries: int) -> dict[str, Any]:
    """Try, and count what went wrong."""
    dice = random.Random(7)
    honest = [Honest(port), Honest(port)]
    wrong: list[str] = []
    answered = 0
    for number in range(tries):
        sent = hostile(b"evil-%d" % number, dice)
        got = attack(port, sent)
        answered += b"edge>" in got
        if b"<good" in got:
            wrong.append(f"try {number}: a hostile client read {got[-200:]!r}")
        for place, client in enumerate(honest):
            tag = b"good-%d-%d" % (number, place)
            said = client.ask(tag)
            if not said.endswith(b"<%b||edge>" % tag):
                wrong.append(f"try {number}: {tag!r} read {said[-200:]!r} after {sent!r}")
        for tag, plan, account in ANSWER.findall(got):
            if plan or account != b"edge":
                wrong.append(f"try {number}: {tag!r} was {plan!r}, {account!r} after {sent!r}")
    for client in honest:
        client.close()
    return {"tries": tries, "answered": answered, "wrong": wrong}


@contextlib.contextmanager
def gate(upstream: int) -> Iterator[int]:
    """Serve the sidecar."""
    port = servers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(GATE.format(folder=folder))
        command = [sys.executable, "-m", "distillgate", "serve", "--config", str(config)]
        command += ["--upstream", f"http://127.0.0.1:{upstream}", "--port", str(port)]
        with servers.serve("distillgate", command, port, None):
            yield port


def measure(_: machine.Cores, *, quick: bool = False, **__: Any) -> dict[str, Any]:
    """Try every proxy that is here."""
    tries = TRIES // 10 if quick else TRIES
    results = {}
    with serve(echo, http="h11") as upstream, gate(upstream.port) as behind:
        for name, run in found().items():
            with run(behind) as port:
                results[name] = play(port, tries)
    return results


def write(result: dict[str, Any]) -> str:
    """Write what was found."""
    lines = []
    for name, found_ in result.items():
        lines.append(
            f"{name}: {found_['tries']} hostile requests, {found_['answered']} answered by the "
            f"upstream, {len(found_['wrong'])} answers or beliefs that were wrong"
        )
        lines += [f"  {wrong}" for wrong in found_["wrong"][:10]]
    return "\n".join(lines)

"""The processes of the test: an upstream, a sidecar before it, and the client of both."""

import base64
import contextlib
import itertools
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.differential.request import END, MARK, Arrived, Call, Judged, Run, Sent

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "upstreams"

START_SECONDS = 60.0
QUIET_SECONDS = 1.0
"""How long a server that says nothing is waited for before the client stops sending."""
CLOSE_SECONDS = 5.0


class Process:
    """A server that writes what it sees as lines, and each line it is told as it is."""

    def __init__(self, command: Sequence[str], source: Path | None = None) -> None:
        """Start it; `source` is where `distillgate` is imported from, if not the installed one."""
        path = [str(ROOT)] if source is None else [str(source), str(ROOT)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._asked = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port: int = self.next()["port"]

    def next(self) -> dict[str, Any]:
        """Wait for the next line."""
        line = self._lines.get(timeout=START_SECONDS)
        if line is None:
            raise RuntimeError(f"{self._process.args!r} has ended")
        return line

    def seen(self) -> list[dict[str, Any]]:
        """List what it saw since it was last asked."""
        self._asked += 1
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self._asked}\n")
        self._process.stdin.flush()
        found = []
        while (line := self.next()) != {"event": "echo", "text": str(self._asked)}:
            found.append(line)
        return found

    def close(self) -> None:
        """End it."""
        with self._process:  # closes its pipes
            self._process.kill()
            self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)


class Pair(NamedTuple):
    """An upstream, and a sidecar before it."""

    name: str
    upstream: Process
    sidecar: Process
    accounts: dict[str, str]
    """The account's name that the gate gives each key."""
    marks: Iterator[bytes]

    def alone(self, sent: Sent, quiet: float = QUIET_SECONDS) -> Run:
        """Send bytes to the upstream itself."""
        mark = next(self.marks)
        received, silent = converse(self.upstream.port, sent.marked(mark), quiet)
        return _run(received, self.upstream.seen(), mark, silent=silent)

    def gated(self, sent: Sent, quiet: float = QUIET_SECONDS) -> tuple[Run, Judged]:
        """Send the same bytes to the sidecar."""
        mark = next(self.marks)
        received, silent = converse(self.sidecar.port, sent.marked(mark), quiet)
        judged = _judged(self.sidecar)
        return _run(received, self.upstream.seen(), mark, silent=silent), judged


def converse(port: int, data: bytes, quiet: float) -> tuple[bytes, bool]:
    """Send bytes and read to the end of the answers; returns whether the server went silent."""
    received, silent = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=quiet) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
            while True:
                try:
                    piece = connection.recv(1 << 16)
                except TimeoutError:
                    if silent:
                        break
                    silent = True
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(CLOSE_SECONDS)
                    continue
                if not piece:
                    break
                received += piece
    return received, silent


UPSTREAMS = {
    "uvicorn": "httptools and json.loads, as FastAPI has it",
    "h11": "h11 and a strict parser that undoes content codings",
    "lenient": "h11 and a parser that normalises and mends whatever it can",
    "go": "net/http and encoding/json",
    "node": "node:http, WHATWG URLs and JSON.parse",
}
"""The upstreams, and what each of them stands for."""

MISSING = {"go": "no `go` here to build the Go upstream with", "node": "no `node` here"}

_PYTHON = {
    "uvicorn": ("httptools", "usual"),
    "h11": ("h11", "strict"),
    "lenient": ("h11", "lenient"),
}


def available(name: str) -> bool:
    """Return whether what an upstream is written in is here."""
    return name in _PYTHON or shutil.which(name) is not None


@contextlib.contextmanager
def pair(name: str, folder: Path, source: Path | None = None) -> Iterator[Pair]:
    """Start an upstream and a sidecar; `folder` is for what must be built."""
    with contextlib.ExitStack() as stack:

        def start(*command: str, source: Path | None = None) -> Process:
            process = Process(command, source)
            stack.callback(process.close)
            return process

        upstream = start(*_command(name, folder))
        url = f"http://127.0.0.1:{upstream.port}"
        sidecar = start(sys.executable, "-m", "tests.differential.sidecar", url, source=source)
        marks = (b"%08d" % number for number in itertools.count())
        yield Pair(name, upstream, sidecar, _accounts(sidecar, upstream), marks)


def _command(name: str, folder: Path) -> list[str]:
    if name in _PYTHON:
        return [sys.executable, "-m", "tests.differential.upstreams.app", *_PYTHON[name]]
    if name == "node":
        return ["node", str(HERE / "server.js")]
    built = folder / "upstream"
    subprocess.run(["go", "build", "-o", str(built), str(HERE / "main.go")], check=True)
    return [str(built)]


def _accounts(sidecar: Process, upstream: Process) -> dict[str, str]:
    """Learn the account of every key from the plainest call there is."""
    from tests.differential.grammar.headers import KEYS

    accounts = {}
    body = b'{"model":"m","messages":[{"role":"user","content":"hello"}]}'
    for key in KEYS:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\n"
        data = f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        converse(sidecar.port, data, START_SECONDS)
        accounts[key] = str(_judged(sidecar).calls[0].key)
        upstream.seen()
    return accounts


def _judged(sidecar: Process) -> Judged:
    """Gather what the gate made of an example, the ends of all its exchanges included."""
    events = sidecar.seen()
    while _count(events, "exchange") < _count(events, "judged"):
        events.append(sidecar.next())
    return Judged(
        calls=tuple(_call(one["call"]) for one in events if one["event"] == "exchange"),
        unread=tuple(one["reason"] for one in events if one["event"] == "unread"),
        failed=tuple(one["where"] for one in events if one["event"] == "failed"),
    )


def _count(events: list[dict[str, Any]], kind: str) -> int:
    return sum(one["event"] == kind for one in events)


def _run(received: bytes, events: list[dict[str, Any]], mark: bytes, *, silent: bool) -> Run:
    every = [_arrived(one, mark) for one in events if one["event"] == "request"]
    arrived = [one for one in every if ("x-run", MARK.decode()) in one.lowered]
    kept = tuple(one for one in arrived if one.target != END.decode())
    return Run(received, silent, kept, ended=len(kept) < len(arrived))


def _arrived(event: dict[str, Any], mark: bytes) -> Arrived:
    return Arrived(
        method=event["method"],
        target=event["target"],
        headers=tuple((a, b.replace(mark.decode(), MARK.decode())) for a, b in event["headers"]),
        body=base64.b64decode(event["body"]).replace(mark, MARK),
        call=None if event["call"] is None else _call(event["call"]),
    )


def _call(fields: dict[str, Any]) -> Call:
    limit = fields["max_tokens"]
    return Call(
        **{
            **fields,
            "texts": tuple(fields["texts"]),
            "max_tokens": None if limit is None else int(limit),
        }
    )

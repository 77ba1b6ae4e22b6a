"""Clients that are slow or oversized: `python -m benchmarks.attackers PORT ATTACK`.

A process of its own that imports little, so that it attacks from its first moment on. It writes a
line as soon as its attack is under way, and goes on until it is ended.
"""

import contextlib
import gzip
import itertools
import json
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable

HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"
CUT = HEAD + b"X-A: "
LINES = b"X-A: %b\r\n" % (b"a" * 1000) * 64
UPLOAD = HEAD + b"Authorization: Bearer made-up\r\nContent-Length: 900\r\n\r\n" + b'{"model"'

TURN_SECONDS = 0.2
"""How often those who were cut come again."""


def hold(port: int, count: int, sent: bytes) -> None:
    """Keep so many connections that have sent this; replace each that is cut."""
    watched = selectors.DefaultSelector()
    announced = False
    while True:
        began = time.monotonic()
        for number in range(count - len(watched.get_map())):
            with socket.socket() as made:
                made.setblocking(False)
                made.connect_ex(("127.0.0.1", port))
                watched.register(made.detach(), selectors.EVENT_WRITE, sent)
            if number % 16 == 0:
                _look(watched, 0)
        if not announced:
            announced = _announce()
        while (left := began + TURN_SECONDS - time.monotonic()) > 0:
            _look(watched, left)


def _look(watched: selectors.BaseSelector, seconds: float) -> None:
    """Send on those that are connected, and let go of those that were cut."""
    for key, events in watched.select(seconds):
        with socket.socket(fileno=key.fd) as one:
            try:
                if events & selectors.EVENT_READ and not one.recv(65536):
                    raise ConnectionResetError
                if events & selectors.EVENT_WRITE:
                    if key.data:
                        one.send(key.data)
                    watched.modify(key.fd, selectors.EVENT_READ)
                one.detach()
            except OSError:
                watched.unregister(key.fd)


def pour(port: int, total: int, first: bytes, piece: bytes) -> None:
    """Send so many bytes, and as many again; go on at a new connection wherever one is cut."""
    announced, sent = False, 0
    while sent < total:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
                one.sendall(first)
                if not announced:
                    announced = _announce()
                while sent < total:
                    sent += one.send(piece)
        except OSError:
            pass
    print(sent, flush=True)
    while True:
        time.sleep(3600)


def upload(port: int, count: int, size: int) -> None:
    """Send so many long bodies at once, each for a key of its own."""
    turn = {"role": "user", "content": "word " * (size // 5)}
    body = json.dumps({"model": "m", "messages": [turn]}).encode()
    os.nice(10)  # it shares a core with the honest clients, who are not its victims there
    _announce()
    for key in range(count):
        threading.Thread(target=_send, args=(port, b"sk-long-%d" % key, body)).start()


def burst(port: int, every: float) -> None:
    """Send a body of a few hundred bytes that comes to 12 MB of empty lists, under new keys."""
    many = b'{"model":"m","x":[' + b",".join([b"[]"] * 4_000_000) + b"]}"
    body = gzip.compress(gzip.compress(many))
    os.nice(10)  # it shares a core with the honest clients, who are not its victims there
    _announce()
    for number in itertools.count():
        coded = b"Content-Encoding: gzip, gzip\r\n"
        threading.Thread(target=_send, args=(port, b"sk-made-up-%d" % number, body, coded)).start()
        time.sleep(every)


def _send(port: int, key: bytes, body: bytes, headers: bytes = b"") -> None:
    head = HEAD + b"Authorization: Bearer %b\r\nConnection: close\r\n%b" % (key, headers)
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=300) as one,
    ):
        one.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        one.sendall(body)
        while one.recv(65536):
            pass


def _announce() -> bool:
    print("under way", flush=True)
    return True


ATTACKS: dict[str, Callable[[int], None]] = {
    "2,500 half-sent heads": lambda port: hold(port, 2500, CUT),
    "300 MB of header lines": lambda port: pour(port, 300_000_000, HEAD, LINES),
    "a 48 MB request line": lambda port: pour(port, 48_000_000, b"GET /", b"a" * 65536),
    "2,500 stalled uploads": lambda port: hold(port, 2500, UPLOAD),
    "2,500 idle connections": lambda port: hold(port, 2500, b""),
    "40 bodies of 20 MB": lambda port: upload(port, 40, 20_000_000),
    "10 bombs a second": lambda port: burst(port, 0.1),
}

if __name__ == "__main__":
    ATTACKS[sys.argv[2]](int(sys.argv[1]))

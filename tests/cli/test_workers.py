"""Several workers as real processes: they share the port, orders and counts, and not a fate."""

import contextlib
import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self

import httpx2
import pytest
from tests.cli.conftest import ASKED, PATIENCE, Run, Running, running, until

from distillgate.traffic.log import decode
from distillgate_lab.upstream.app import upstream

KEY = {"authorization": "Bearer hush"}
ORDER = {"reason": "complaints", "by": "anna"}
CHAT = "/v1/chat/completions"


class Workers:
    """A sidecar with workers, and what the system knows of their connections."""

    def __init__(self, sidecar: Running) -> None:
        self.sidecar = sidecar
        self.process = sidecar.process
        self.events = sidecar.events
        self.url = sidecar.url
        self.admin = f"{self.url}/distillgate"
        self.port = int(self.url.rpartition(":")[2])

    @property
    def alive(self) -> dict[int, int]:
        """The latest process of each worker."""
        return {said["worker"]: said["process"] for said in self.events("worker_ready")}

    def owner(self, connection: http.client.HTTPConnection) -> int | None:
        """Find the worker that has a connection."""
        ours = connection.sock.getsockname()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            ends = [int(end.rpartition(":")[2], 16) for end in fields[1:3]]
            if ends == [self.port, ours]:
                wanted = f"socket:[{fields[9]}]"
                return next((n for n, pid in self.alive.items() if wanted in _held(pid)), None)
        return None

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection that somebody has taken."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.connect()
        assert get(connection, "/healthz") == 200
        return connection

    @contextmanager
    def one_each(self) -> Iterator[dict[int, http.client.HTTPConnection]]:
        """Open connections until there is one to each worker."""
        with contextlib.ExitStack() as stack:
            found: dict[int, http.client.HTTPConnection] = {}
            while len(found) < len(self.alive):
                connection = stack.enter_context(contextlib.closing(self.connect()))
                owner = self.owner(connection)
                assert owner is not None
                found.setdefault(owner, connection)
            yield found

    def modes(self) -> list[str]:
        """Ask each worker for its mode."""
        with self.one_each() as connections:
            return [said(one, "/distillgate/state")["mode"] for one in connections.values()]

    def order(self, what: str, to: int) -> None:
        """Give one worker an order."""
        with self.one_each() as connections:
            body = json.dumps(ORDER)
            connections[to].request("POST", f"/distillgate/{what}", body, KEY)
            answer = connections[to].getresponse()
            answer.read()
            assert answer.status in (200, 202)


def _held(process: int) -> set[str]:
    with contextlib.suppress(FileNotFoundError):
        return {str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir()}
    return set()


def get(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def said(connection: http.client.HTTPConnection, path: str) -> Any:
    connection.request("GET", path, headers=KEY)
    return json.load(connection.getresponse())


@contextmanager
def workers(tmp_path: Path, config: Path, url: str, number: int = 2) -> Iterator[Workers]:
    if "admin" not in config.read_text():
        config.write_text(config.read_text() + "admin: {key: hush}\nmode: enforce\n")
    arguments = ("serve", "-c", config, "-u", url, "--workers", str(number))
    with running(tmp_path / "log", *arguments, up="workers_ready") as sidecar:
        try:
            yield Workers(sidecar)
        finally:
            sidecar.end()


def test_requests_spread_and_any_worker_tells_the_whole_count(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate, gate.one_each() as connections:
        assert sorted(connections) == [0, 1]
        assert [get(one, "/readyz") for one in connections.values()] == [200, 200]
        for asked, one in enumerate(connections.values(), 1):
            for _ in range(asked):
                one.request("POST", CHAT, json.dumps(ASKED), {"authorization": "Bearer sk-a"})
                assert one.getresponse().read()
        for one in connections.values():
            one.request("GET", "/distillgate/metrics", headers=KEY)
            text = one.getresponse().read().decode()
            assert 'action="allow",mode="enforce",operation="chat"} 3.0' in text
            assert "distillgate_decision_seconds_count 3.0" in text
        [ready] = gate.events("workers_ready")
        assert ready["workers"] == 2
        assert {line["worker"] for line in gate.events("listening")} == {0, 1}
        assert len(gate.events("no_key")) == 1


def test_a_kill_reaches_every_worker_and_those_to_come(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate:
        assert gate.modes() == ["enforce", "enforce"]
        gate.order("kill", to=1)
        until(lambda: gate.modes() == ["shadow", "shadow"])
        os.kill(gate.alive[1], signal.SIGKILL)
        until(lambda: len(gate.events("worker_ready")) == 3)
        assert gate.modes() == ["shadow", "shadow"]
        gate.order("resume", to=0)
        until(lambda: gate.modes() == ["enforce", "enforce"])


def test_a_reload_reaches_every_worker_and_outlives_one(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    config.write_text(config.read_text().replace("0.05", "0"))
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate:
        config.write_text(config.read_text().replace("mode: enforce", "mode: shadow"))
        gate.order("reload", to=0)
        until(lambda: gate.modes() == ["shadow", "shadow"])
        gate.process.send_signal(signal.SIGHUP)
        until(lambda: len(gate.events("reloaded")) == 4)
        os.kill(gate.alive[0], signal.SIGKILL)
        until(lambda: len(gate.events("worker_ready")) == 3)
        assert gate.modes() == ["shadow", "shadow"]


class Load:
    """Connections that ask and ask; who has them, and which broke."""

    def __init__(self, gate: Workers, number: int) -> None:
        self.gate = gate
        self.connections = [gate.connect() for _ in range(number)]
        self.owners = [gate.owner(one) for one in self.connections]
        self.broken: set[int] = set()
        self.answered = [0] * number
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        for connection in self.connections:
            connection.close()

    def _ask(self, number: int) -> None:
        connection, body = self.connections[number], json.dumps(ASKED)
        while not self._over.is_set():
            try:
                connection.request("POST", CHAT, body, {"authorization": f"Bearer {number}"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.broken.add(number)
                return
            assert answer.status == 200
            self.answered[number] += 1


def test_a_killed_worker_takes_its_own_requests_alone_and_comes_back(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate, Load(gate, 12) as load:
        until(lambda: min(load.answered) > 1)
        os.kill(gate.alive[1], signal.SIGKILL)
        theirs = {number for number, owner in enumerate(load.owners) if owner == 1}
        until(lambda: load.broken >= theirs)
        until(lambda: len(gate.events("worker_ready")) == 3)
        before = list(load.answered)
        until(lambda: all(load.answered[n] > before[n] for n in range(12) if n not in theirs))
        assert load.broken == theirs
        [ended] = gate.events("worker_ended")
        assert (ended["worker"], ended["code"]) == (1, -signal.SIGKILL)
        with gate.one_each() as connections:
            assert [get(one, "/readyz") for one in connections.values()] == [200, 200]


def test_the_end_lets_every_worker_finish_what_it_has(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    app = upstream(chunk_delay=0.05)
    behind = serving(app)
    with workers(tmp_path, config, behind.url) as gate, gate.one_each() as connections:
        for one in connections.values():
            one.request("POST", CHAT, json.dumps({**ASKED, "stream": True}))
        until(lambda: app.live == 2)
        processes = gate.alive.values()
        gate.process.send_signal(signal.SIGTERM)
        for one in connections.values():
            assert one.getresponse().read().endswith(b"data: [DONE]\n\n")
        assert gate.process.wait(PATIENCE) == 0
        assert not any(Path(f"/proc/{process}").exists() for process in processes)
        assert len(gate.events("draining")) == 2
        assert gate.events("worker_ended") == []


def test_workers_go_on_without_the_process_above(
    tmp_path: Path, config: Path, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # nobody is left to delete what they shared
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate:
        processes = gate.alive
        gate.process.kill()
        gate.process.wait()
        try:
            with gate.one_each() as connections:
                for one in connections.values():
                    one.request("POST", CHAT, json.dumps(ASKED))
                    assert one.getresponse().read()
        finally:
            for process in processes.values():
                os.kill(process, signal.SIGTERM)
            until(lambda: not any(_held(process) for process in processes.values()))


def test_every_worker_writes_a_traffic_log_of_its_own(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    behind = serving(upstream())
    config.write_text(config.read_text() + f"record: {{path: {tmp_path}/traffic.jsonl}}\n")
    with workers(tmp_path, config, behind.url) as gate, gate.one_each() as connections:
        for one in connections.values():
            one.request("POST", CHAT, json.dumps(ASKED), {"authorization": "Bearer sk-a"})
            assert one.getresponse().read()
    for number in (0, 1):
        path = tmp_path / f"traffic.worker-{number}.jsonl"
        assert path.stat().st_mode & 0o777 == 0o600
        [line] = path.read_bytes().splitlines()
        assert decode(line) is not None
    assert not (tmp_path / "traffic.jsonl").exists()


@pytest.mark.parametrize("workers", ["0", "1000"])
def test_a_number_of_workers_that_cannot_be_is_named(run: Run, workers: str) -> None:
    ended = run("serve", "--workers", workers)
    assert (ended.code, "--workers: " in ended.err) == (2, True)


def test_a_second_gate_at_the_same_port_does_not_start(
    tmp_path: Path, config: Path, serving: Any, process: Run
) -> None:
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate:
        for number in ("2", "1"):
            ended = process("serve", "--workers", number, "--port", str(gate.port))
            assert ended.code != 0
            assert "in use" in ended.err
        assert httpx2.get(f"{gate.url}/healthz").status_code == 200


TEMPLATE = (
    "You grade answers for a course. Read the task below with care.\n"
    "Name the concept that it tests.\nThen give a model answer in full.\n"
    "Explain every step of the reasoning that leads there.\n"
    "End with a mark from one to ten and a sentence on why.\n"
)
ACCOUNTS = 40


def campaign(connections: dict[int, http.client.HTTPConnection], exchanges: int) -> None:
    """Let forty accounts of one operator deal out a work list over all workers in turns."""
    pick = Random(7)
    words = ["".join(pick.choices("abdefgiklmnorstu", k=6)) for _ in range(3000)]
    for number in range(exchanges):
        text = TEMPLATE + " ".join(pick.choices(words, k=30))
        asked = {**ASKED, "messages": [{"role": "user", "content": text}]}
        one = connections[number % len(connections)]
        key = {"authorization": f"Bearer sk-{pick.randrange(ACCOUNTS)}"}
        one.request("POST", CHAT, json.dumps(asked), key)
        assert one.getresponse().read()


def groups(gate: Workers) -> list[Any]:
    with gate.one_each() as connections:
        return [said(connections[number], "/distillgate/groups") for number in (0, 1)]


def exchanges(found: list[Any]) -> int:
    """Count what the group of the template was seen to do."""
    return max((group["exchanges"] for group in found), default=0)


def settled(gate: Workers) -> bool:
    """Return whether every worker has its own entries back from the log."""
    text = httpx2.get(f"{gate.admin}/metrics", headers=KEY).text
    lines = [line for line in text.splitlines() if line.startswith("distillgate_log_backlog_bytes")]
    return bool(lines) and all(float(line.rpartition(" ")[2]) == 0 for line in lines)


def _came_back(gate: Workers, number: int) -> bool:
    """Whether the workers up to one died and came back, after all had come."""
    taken = [said["worker"] for said in gate.events("log_loaded")]
    return set(range(number + 1)) <= set(taken) and len(gate.events("worker_ready")) == 3 + number


def test_workers_are_one_evidence_which_outlives_each_of_them_and_all(
    tmp_path: Path, config: Path, serving: Any
) -> None:
    # In shadow mode nobody is held back, so that every exchange counts.
    log = f"log: {{path: {tmp_path}/state.db, timeout_seconds: 60, snapshot_entries: 300}}\n"
    config.write_text(config.read_text() + log + "key: a key of many words\n")
    behind = serving(upstream())
    with workers(tmp_path, config, behind.url) as gate:
        gate.order("kill", to=0)
        until(lambda: gate.modes() == ["shadow", "shadow"])
        with gate.one_each() as connections:
            campaign(connections, 600)
        until(lambda: settled(gate) and groups(gate)[0] == groups(gate)[1])
        [found, _] = groups(gate)
        assert exchanges(found) > 500  # all but those from before the template was known
        assert max(group["principals"] for group in found) == ACCOUNTS

        for number in (0, 1):
            os.kill(gate.alive[number], signal.SIGKILL)
            until(partial(_came_back, gate, number))
            assert groups(gate) == [found, found]

        with gate.one_each() as connections:
            campaign(connections, 20)
        assert gate.sidecar.end() == 0
        assert gate.events("failed_open") == []
        assert gate.events("snapshot_failed") == []

    with workers(tmp_path, config, behind.url) as gate:
        until(lambda: groups(gate)[0] == groups(gate)[1])
        assert exchanges(groups(gate)[0]) == exchanges(found) + 20

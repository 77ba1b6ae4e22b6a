"""What relaying costs the sidecar, here and in other trees, in one run.

    python -m benchmarks.relay [TREE...]

Each tree's sidecar is a process of its own, without a state, before one upstream that answers at
once. 32 connections ask each in turns for a path that is not judged (2 KB, the headers of OpenAI's
client); what counts is the processor's time of its process by request: the median of the rounds,
and of their ratios to this tree's. A tree is a checkout with its `middleware` folder; what it needs
is in its `.venv`, or here.
"""

import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import prompts, servers
from benchmarks.cases import UNREAD
from benchmarks.client import load

HERE = Path(__file__).parents[1]
ROUNDS, SECONDS, CONNECTIONS, TOKENS = 7, 2.0, 32, 500


def compare(
    trees: list[Path], rounds: int = ROUNDS, seconds: float = SECONDS
) -> dict[str, list[float]]:
    """Return the microseconds a request of each tree, round by round."""
    taken: dict[str, list[float]] = {str(tree): [] for tree in trees}
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.app("upstream", None))
        sidecars = [stack.enter_context(_sidecar(tree, upstream.port)) for tree in trees]
        for turn in range(rounds + 1):
            for tree, sidecar in zip(trees, sidecars, strict=True):
                cost = _asked(sidecar, upstream.port, seconds)
                if turn:  # the first warms up
                    taken[str(tree)].append(cost)
    return taken


def _asked(sidecar: servers.Server, upstream: int, seconds: float) -> float:
    requests = prompts.stream(TOKENS, UNREAD, "relay", upstream=upstream)
    before = sidecar.cpu_seconds()
    done = load(sidecar.port, requests, CONNECTIONS, seconds)
    after = sidecar.cpu_seconds()
    assert before is not None
    assert after is not None
    return (after - before) / done.answers * 1e6


@contextlib.contextmanager
def _sidecar(tree: Path, upstream: int) -> Iterator[servers.Server]:
    own, port = tree / ".venv/bin/python", servers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(f"telemetry: {{log: {{destination: {folder}/log}}}}\n")
        command = [str(own) if own.exists() else sys.executable, "-m", "distillgate", "serve"]
        command += ["--config", str(config), "--upstream", f"http://127.0.0.1:{upstream}"]
        command += ["--host", "127.0.0.1", "--port", str(port)]
        paths = os.pathsep.join([str(tree / "middleware"), os.environ.get("PYTHONPATH", "")])
        with servers.serve(str(tree), command, port, None, {"PYTHONPATH": paths}) as server:
            yield server


if __name__ == "__main__":
    found = compare([HERE, *map(Path, sys.argv[1:])])
    for name, costs in found.items():
        ratio = statistics.median(x / y for x, y in zip(costs, found[str(HERE)], strict=True))
        print(
            f"{name}: µs of the processor a request, median {statistics.median(costs):.0f}, "
            f"least {min(costs):.0f}; {ratio:.2f} of this tree's"
        )

"""The package's public names: all there, sorted, and cheap until they are used."""

import os
import subprocess
import sys

import pytest

import distillgate


def test_every_public_name_is_importable_and_every_importable_name_is_public() -> None:
    for name in distillgate.__all__:
        assert getattr(distillgate, name).__name__ == name
    assert distillgate.__all__ == sorted(distillgate.__all__)
    assert set(distillgate.__all__) == set(distillgate._HOMES)
    assert set(distillgate.__all__) <= set(dir(distillgate))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Gates'"):
        _ = distillgate.Gates


def test_importing_the_package_loads_nothing_else() -> None:
    code = (
        "import sys, distillgate; print([m for m in sys.modules if m.startswith('distillgate.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"


UNNEEDED = [
    "aiohttp", "anyio", "distillgate.admin.access", "distillgate.log.file",
    "distillgate.log.replicator", "distillgate.telemetry.history",
    "distillgate.traffic.record", "httptools", "httpx2", "jinja2", "numpy.ma", "numpy.random",
    "opentelemetry", "redis", "rich", "splintr", "sqlite3", "starlette.applications",
    "starlette.requests", "structlog", "tiktoken", "tiktoken_ext", "typer", "uvicorn", "websockets",
    "yarl",
]  # fmt: skip
"""What a mounted gate of the default configuration has no use for before it starts."""

MOUNTED = """
import sys
from distillgate import Gate

async def app(scope, receive, send): ...

assert Gate(app, {"telemetry": {"log": {"level": "off"}}}).parts is not None
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_a_mounted_gate_imports_nothing_that_it_does_not_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MOUNTED, *UNNEEDED], capture_output=True, check=True, text=True
    )

    assert done.stdout.split() == []


MISSING = """
import sys
from importlib.abc import MetaPathFinder

missing = sys.argv.pop(1).split()

class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""

COMMAND = "from distillgate.__main__ import main; main()"
GATE = """
from distillgate import Gate
async def app(scope, receive, send): ...
gate = Gate(app, {sys.argv[1]: eval(sys.argv[2]), "key": "k"})
sys.exit(str(gate._error))
"""


@pytest.mark.parametrize(
    ("missing", "code", "arguments", "extra"),
    [
        ("typer", COMMAND, ["check"], "cli"),
        ("uvicorn", COMMAND, ["serve", "--port", "0"], "sidecar"),
        ("uvicorn", COMMAND, ["demo"], "sidecar"),
        ("redis", GATE, ["log", "{'url': 'redis://127.0.0.1:1/0'}"], "redis"),
        ("httpx2", GATE, ["governance", "{'webhook': {'url': 'http://127.0.0.1:1/'}}"], "webhook"),
        ("opentelemetry", GATE, ["telemetry", "{'otel': {'endpoint': 'http://h:4318'}}"], "otel"),
    ],
)
def test_what_is_not_installed_is_one_line_that_names_the_extra(
    missing: str, code: str, arguments: list[str], extra: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING + code, missing, *arguments],
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode
    assert done.stderr.endswith(
        f"`{missing}` is not installed: pip install 'distillgate[{extra}]'\n"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_command_s_matrices_are_one_thread_s_where_nobody_said_otherwise() -> None:
    asked = "import os, sys, distillgate.__main__; print(os.environ[VAR], 'numpy' in sys.modules)"
    code = f"VAR = 'OPENBLAS_NUM_THREADS'; {asked}"
    rest = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}

    def told(**said: str) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, capture_output=True, check=True, text=True, env={**rest, **said}
        ).stdout

    assert told() == "1 False\n"
    assert told(OPENBLAS_NUM_THREADS="2") == "2 False\n"


def test_commands_that_ask_nothing_need_no_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING + COMMAND, "uvicorn redis", "check"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")

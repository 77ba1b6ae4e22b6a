"""Envoy is answered only where somebody may ask; nothing of gRPC is imported before."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve


def test_without_a_key_nobody_could_ask() -> None:
    config = Config.model_validate({"envoy": {"listen": "127.0.0.1:0"}})
    with pytest.raises(ConfigError, match=r"envoy\.listen: needs `admin\.key`"):
        build(config)


def test_an_address_that_cannot_be_had_is_told_and_the_gate_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("hpack", reason="the extra `envoy` is not installed")
    told = tmp_path / "log"
    settings = {
        "admin": {"key": "operator"},
        "envoy": {"listen": "192.0.2.1:9191"},  # nobody's, by RFC 5737
        "telemetry": {"log": {"destination": str(told)}},
    }
    with serve(Gate(upstream(), settings)) as address:
        assert httpx2.get(f"{address.url}/v1/models", trust_env=False).status_code == 200
    assert "cannot listen on 192.0.2.1:9191" in told.read_text()


def test_a_gate_that_does_not_answer_envoy_imports_nothing_for_it() -> None:
    code = (
        "import sys; from distillgate import Gate; Gate(None, {'admin': {'key': 'operator'}});"
        "sys.exit(bool({'hpack', 'envoy', 'google'} & {n.split('.')[0] for n in sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

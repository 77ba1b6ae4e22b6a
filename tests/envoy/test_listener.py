"""Envoy is answered only where somebody may ask; nothing of gRPC is imported before."""

import subprocess
import sys

import pytest

from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.errors import ConfigError


def test_without_a_key_nobody_could_ask() -> None:
    config = Config.model_validate({"envoy": {"listen": "127.0.0.1:0"}})
    with pytest.raises(ConfigError, match=r"envoy\.listen: needs `admin\.key`"):
        build(config)


def test_a_gate_that_does_not_answer_envoy_imports_nothing_for_it() -> None:
    code = (
        "import sys; from distillgate import Gate; Gate(None, {'admin': {'key': 'operator'}});"
        "sys.exit(bool({'grpc', 'envoy', 'google'} & {name.split('.')[0] for name in sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

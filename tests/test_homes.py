import time
from pathlib import Path
from typing import Any

import pytest
from benchmarks.servers import free_port

from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.homes import log_in, named
from distillgate.log.file import FileLog
from distillgate.log.settings import LogSettings
from distillgate.log.stream import StreamLog
from distillgate.telemetry import Telemetry


def built(capsys: pytest.CaptureFixture[str], **given: Any) -> tuple[Any, str]:
    config = Config.model_validate(given)
    telemetry = Telemetry(config.telemetry)
    telemetry.open()
    parts = build(config, telemetry=telemetry)
    telemetry.close()
    return parts, capsys.readouterr().err


def test_without_a_name_nothing_is_kept_or_told(capsys: pytest.CaptureFixture[str]) -> None:
    parts, _ = built(capsys, key="k" * 32)

    assert parts.replicator is None
    assert parts.correspondent is None


def test_a_log_and_other_cells_need_a_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cells = {"url": f"redis://127.0.0.1:{free_port()}/0", "name": "a"}
    named = {"log": {"path": str(tmp_path / "log.db")}, "cells": cells}

    without, said = built(capsys, **named)
    parts, _ = built(capsys, key="k" * 32, **named)

    assert (without.replicator, without.correspondent) == (None, None)
    assert '"log_off"' in said
    assert '"cells_off"' in said
    assert parts.replicator is not None
    assert parts.correspondent is not None


def test_a_path_is_a_file_and_an_address_a_stream_and_nothing_is_none(tmp_path: Path) -> None:
    in_file = LogSettings(path=str(tmp_path / "log"))
    on_server = LogSettings.model_validate_json('{"url": "redis://127.0.0.1:1"}')

    assert isinstance(named(in_file, b"secret", time.time), FileLog)
    assert isinstance(named(on_server, b"secret", time.time), StreamLog)
    assert named(LogSettings(), b"secret", time.time) is None


def test_workers_share_a_log_that_no_settings_name(tmp_path: Path) -> None:
    assert isinstance(log_in(tmp_path / "log", LogSettings(), b"secret", time.time), FileLog)

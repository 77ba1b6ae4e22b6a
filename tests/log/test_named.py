"""The log that settings name."""

import time
from pathlib import Path

from distillgate.log.file import FileLog
from distillgate.log.named import log_in, named
from distillgate.log.settings import LogSettings
from distillgate.log.stream import StreamLog


def test_a_path_is_a_file_and_an_address_a_stream_and_nothing_is_none(tmp_path: Path) -> None:
    in_file = LogSettings(path=str(tmp_path / "log"))
    on_server = LogSettings.model_validate_json('{"url": "redis://127.0.0.1:1"}')

    assert isinstance(named(in_file, b"secret", time.time), FileLog)
    assert isinstance(named(on_server, b"secret", time.time), StreamLog)
    assert named(LogSettings(), b"secret", time.time) is None


def test_workers_share_a_log_that_no_settings_name(tmp_path: Path) -> None:
    assert isinstance(log_in(tmp_path / "log", LogSettings(), b"secret", time.time), FileLog)

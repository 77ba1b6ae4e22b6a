"""One log, at an address that can be used."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.log.settings import LogSettings


@pytest.mark.parametrize("url", ["localhost:6379", "http://host", "redis://user:s3/cret@host:1"])
def test_an_address_that_is_none_is_a_mistake_of_the_configuration(url: str) -> None:
    with pytest.raises(ValidationError, match="not like") as raised:
        LogSettings.model_validate_json(f'{{"url": "{url}"}}')

    [mistake] = raised.value.errors()
    assert mistake["msg"].startswith("Value error, not like ")
    assert "cret" not in mistake["msg"]


def test_a_file_and_a_server_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is one log"):
        read("log: {path: a, url: 'redis://h'}", Config, source="c")


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("store: {path: a}", "log.path"),
        ("fleet: {redis: {url: 'redis://h'}}", "log.url"),
        ("proxy: {journal_bytes: 5}", "log.snapshot_entries"),
    ],
)
def test_a_name_of_before_is_told_the_new_one(text: str, now: str) -> None:
    with pytest.raises(ConfigError, match=f"it is `{now}` now"):
        read(text, Config, source="c")

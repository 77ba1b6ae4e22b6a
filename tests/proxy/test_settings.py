"""A sidecar's settings are refused where they could only fail later."""

import pytest
from pydantic import ValidationError

from distillgate.proxy.settings import ProxySettings


@pytest.mark.parametrize(
    "upstream",
    ["", "127.0.0.1:8000", "ftp://h", "http://", "http://h:0", "http://h:99999", "http://h?x=1"],
)
def test_what_is_no_base_url_is_refused(upstream: str) -> None:
    with pytest.raises(ValidationError, match="upstream"):
        ProxySettings(upstream=upstream)


def test_credentials_in_the_url_are_refused() -> None:
    with pytest.raises(ValidationError, match="credentials"):
        ProxySettings(upstream="http://user:secret@h")


def test_a_slash_at_the_end_changes_nothing() -> None:
    assert ProxySettings(upstream="https://h/base/").upstream == "https://h/base"


def test_the_defaults_listen_on_the_loopback_only() -> None:
    assert ProxySettings().host == "127.0.0.1"


def test_unknown_keys_are_errors() -> None:
    with pytest.raises(ValidationError):
        ProxySettings.model_validate({"upstrem": "http://h"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "unix:relative"}, "host"),
        ({"host": "unix:"}, "host"),
        ({"host": "unix:/s", "workers": 2}, "workers"),
        ({"certificate_key": "key.pem"}, "certificate"),
        ({"upstream": "unix:"}, "upstream"),
        ({"upstream": "unix:/"}, "upstream"),
    ],
)
def test_what_cannot_be_listened_at_or_reached_is_refused(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        ProxySettings.model_validate(settings)


def test_a_stream_may_pause_as_long_as_the_sdks_wait() -> None:
    assert ProxySettings().idle_seconds >= 600

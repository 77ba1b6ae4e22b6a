"""Where the server is: an address that can be used, and keys that are this key's alone."""

import pytest
from pydantic import ValidationError
from tests.fleet.conftest import redis_settings

from distillgate.fleet.settings import of_key


@pytest.mark.parametrize("url", ["localhost:6379", "http://host", "redis://user:s3/cret@host:1"])
def test_an_address_that_is_none_is_a_mistake_of_the_configuration(url: str) -> None:
    with pytest.raises(ValidationError, match="not like") as raised:
        redis_settings(url)

    [mistake] = raised.value.errors()
    assert mistake["msg"].startswith("Value error, not like ")
    assert "cret" not in mistake["msg"]


def test_gates_of_another_key_have_other_keys_on_the_server() -> None:
    settings = redis_settings("redis://127.0.0.1:1/0", "p")

    assert of_key(settings, b"one").prefix == of_key(settings, b"one").prefix
    assert of_key(settings, b"one").prefix != of_key(settings, b"other").prefix
    assert of_key(settings, b"one").prefix.startswith("p-")

import pytest

from distillgate.dialects import messages, native
from distillgate.dialects.invocations import called
from distillgate.errors import WireError


def test_the_call_is_that_of_the_first_key_that_is_given() -> None:
    assert called({"anthropic_version": "x", "messages": []}) is messages.MESSAGES
    assert called({"messages": None, "text": "x"}) is native.NATIVE


def test_a_body_of_no_call_is_an_error() -> None:
    with pytest.raises(WireError, match="expected"):
        called({})

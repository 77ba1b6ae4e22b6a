from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.parameters import largest, person
from distillgate.wire.request import from_document

UUID = "0b7c6d4e-1f7a-4f2e-9a55-7e0e9d1c2b3a"
DEVICE = "a" * 64


@pytest.mark.parametrize(
    "name",
    [
        "user_{device}_account_{uuid}_session_{session}",
        "user_{device}_account__session_{session}",
        "user_{device}_session_{session}",
        "user_{device}_session_{session}_account_{uuid}",
        '{{"device_id":"{device}","account_uuid":"{uuid}","session_id":"{session}"}}',
        '{{"session_id": "{session}", "account_uuid": "", "device_id": "{device}"}}',
    ],
)
def test_a_developers_sessions_are_one_end_user(name: str) -> None:
    of = [
        {person(name.format(device=device, uuid=UUID, session=f"{n:08d}-aaaa")) for n in range(100)}
        for device in (DEVICE, "b" * 64)
    ]

    assert [len(names) for names in of] == [1, 1]
    assert of[0] != of[1]


def test_the_order_of_a_names_fields_makes_no_other_end_user() -> None:
    one = person('{"a":"1","session_id":"2","b":"3"}')

    assert one == person('{"b":"3","a":"1","sessionId":"4"}')


@pytest.mark.parametrize(
    "name", ["u-1", "session-7", "acme_session_12", "{session", '["session"]', "session"]
)
def test_other_names_stay_as_they_are(name: str) -> None:
    assert person(name) == name


@pytest.mark.parametrize("value", [None, "", 5, {}, '{"session_id":"x"}'])
def test_a_name_of_nothing_is_none(value: Any) -> None:
    assert person(value) is None


def test_an_openai_clients_sessions_are_one_end_user_too() -> None:
    names = {
        from_document(CHAT, {"user": f"user_abc_account_1_session_{n}"}).end_user for n in range(10)
    }

    assert names == {"user_abc_account_1"}


@pytest.mark.parametrize(
    ("given", "found"),
    [([5], 5), ([5, 9], 9), ([5, -1], None), (["7", 2.0], 7), ([], None), ([True], None)],
)
def test_of_two_limits_the_larger_counts_and_no_limit_more_than_any(
    given: list[Any], found: int | None
) -> None:
    assert largest(given) == found


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (CHAT, "max_tokens"),
        (CHAT, "max_completion_tokens"),
        (COMPLETIONS, "max_tokens"),
        (RESPONSES, "max_output_tokens"),
        (MESSAGES, "max_tokens"),
    ],
)
def test_a_negative_limit_is_no_limit_in_any_api(operation: Operation, name: str) -> None:
    for value in (-1, "-1", -2.0):
        assert from_document(operation, {name: value}).parameters.max_tokens is None

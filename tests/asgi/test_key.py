import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.asgi.key import KeyReader, bare

KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~+/-]{11,60}={0,2}", fullmatch=True)
SCHEMES = st.sampled_from(["Bearer", "bearer", "BEARER", "Token", "ApiKey", "api-key", "JWT"])


@given(KEYS, st.lists(SCHEMES, max_size=4), st.sampled_from([" ", "  ", "\t", " \t ", ": "]))
def test_any_number_of_schemes_with_anything_between_leaves_the_key(
    key: str, schemes: list[str], between: str
) -> None:
    assert bare(between.join([*schemes, key])) == key


@given(st.text())
def test_any_text_is_read_and_what_is_found_stands_in_it(text: str) -> None:
    key = bare(text)

    assert key.strip() == key
    assert key in text or "basic" in text.lower()


def test_a_name_and_a_password_without_a_secret_is_whatever_it_is() -> None:
    assert bare("Basic bm90LWEtcGFpcg==") == "bm90LWEtcGFpcg=="  # `not-a-pair`
    assert bare("Basic Og==") == "Og=="  # `:`
    assert bare("Basic dXNlcjpwYXNz") == "pass"


@pytest.mark.parametrize(
    "form",
    [
        "AWS4-HMAC-SHA256 Credential={key}/2026{n}/us/bedrock/aws4_request, Signature={n}",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature={n}, Credential={key}/2026{n}/us/a/b",
        "TC3-HMAC-SHA256 Credential={key}/2026-{n}/x/tc3_request, SignedHeaders=a, Signature={n}",
        "ACS3-HMAC-SHA256 Credential={key},SignedHeaders=a,Signature={n}",
        "HMAC-SHA256 SignedHeaders=x&Credential={key}&Signature={n}",
        "AWS {key}:{n}",
        "SharedKey {key}:{n}",
        "bce-auth-v1/{key}/2026{n}/1800/host/{n}",
        'Signature signature="{n}",keyId="{key}"',
        'Hawk ts="{n}", id="{key}", mac="{n}"',
        'OAuth oauth_nonce="{n}", oauth_consumer_key="{key}", oauth_signature="{n}"',
        'Digest username="{key}", nonce="{n}"',
    ],
)
def test_of_a_request_that_is_signed_anew_each_time_the_key_is_who_signs(form: str) -> None:
    signed = [form.format(key="AKIA0123456789", n=number) for number in (17, 4242)]

    assert [bare(value) for value in signed] == ["AKIA0123456789", "AKIA0123456789"]


def test_a_made_up_parameter_beside_a_bearers_key_names_nobody_else() -> None:
    assert bare("Bearer sk-0123456789 id=1") == bare("Bearer sk-0123456789, Credential=2")


@pytest.mark.parametrize(
    ("headers", "query", "two"),
    [
        ({"authorization": "Bearer sk-a-1234567"}, b"", False),
        ({"authorization": "Bearer sk-a-1234567", "x-api-key": "sk-a-1234567"}, b"", False),
        ({"authorization": "Bearer sk-b-1234567", "x-api-key": "sk-a-1234567"}, b"", True),
        ({"authorization": "Bearer", "x-api-key": "sk-a-1234567"}, b"", False),
        ({"authorization": "Bearer sk-a-1234567"}, b"key=sk-b-1234567&alt=sse", False),
        ({}, b"key=sk-a-1234567&alt=sse", False),
        ({}, b"key=sk-a-1234567&k%65y=sk-b-1234567", True),
    ],
)
def test_two_keys_in_one_request_are_noticed(
    headers: dict[str, str], query: bytes, two: bool
) -> None:
    assert KeyReader(["Authorization", "X-Api-Key"], ["key"]).differ(headers, query) is two


def test_a_long_value_of_nothing_but_schemes_is_no_key() -> None:
    assert bare("Bearer " * 100_000) == ""


def test_a_header_that_is_not_listed_is_not_read() -> None:
    lines = [(b"x-api-key", b"sk-0123456789")]
    reader = KeyReader(["Authorization"], [])

    assert reader.read({"x-api-key": "sk-0123456789"}, lines, b"key=sk-0123456789") == ""

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


def test_a_long_value_of_nothing_but_schemes_is_no_key() -> None:
    assert bare("Bearer " * 100_000) == ""


def test_a_header_that_is_not_listed_is_not_read() -> None:
    lines = [(b"x-api-key", b"sk-0123456789")]
    reader = KeyReader(["Authorization"], [])

    assert reader.read({"x-api-key": "sk-0123456789"}, lines, b"key=sk-0123456789") == ""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire.forms import ESCAPES, FIELDS, HEAD, documents, is_form

URL = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b1"


def part(name: str, value: str, more: str = "") -> str:
    head = f'--b1\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return f"{head}{value}\r\n"


END = "--b1--\r\n"


def read(body: str | bytes, kind: str = URL) -> object:
    found = list(documents(body.encode() if isinstance(body, str) else body, kind))
    return orjson.loads(found[0]) if found else None


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [
        (URL, True),
        ("Multipart/FORM-Data; boundary=x", True),
        (" application/x-www-form-urlencoded ; charset=utf-8", True),
        ("application/json", False),
        ("application/json; form=1", False),
        ("", False),
    ],
)
def test_forms_are_told_by_their_type(kind: str, is_one: bool) -> None:
    assert is_form(kind) is is_one


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("model=m&prompt=a+b%26c", {"model": "m", "prompt": "a b&c"}),
        ("%70rompt=x", {"prompt": "x"}),
        ("PROMPT=x", {"PROMPT": "x"}),
        ("prompt=a&prompt=b", {"prompt": ["a", "b"]}),
        ('messages=[{"role":"user"}]&n=2', {"messages": [{"role": "user"}], "n": "2"}),
        ("input=[not json", {"input": "[not json"}),
        ("prompt=", {"prompt": ""}),
    ],
)
def test_the_fields_of_a_form_are_members_of_an_object(body: str, fields: object) -> None:
    assert read(body) == fields


@pytest.mark.parametrize("body", ['{"prompt":"a"}', '{"prompt":"https://x/?a=b&c=d"}', "a=b", ""])
def test_what_has_no_field_of_a_call_is_no_form_of_one(body: str) -> None:
    assert read(body) is None


def test_the_fields_of_a_form_in_parts_are_read_and_files_that_are_text() -> None:
    body = part("model", "m") + part("prompt", "a\r\nb") + part("x", "t", '; filename="f.txt"')

    assert read(body + END, PARTS) == {"model": "m", "prompt": "a\r\nb", "x": "t"}


def test_of_a_form_in_parts_what_cannot_be_read_is_left_out() -> None:
    picture = part("image", "\0", '; filename="a.jpg"').encode().replace(b"\0", b"\xff\xd8")

    assert read(part("prompt", "p").encode() + picture, PARTS) == {"prompt": "p"}
    assert read(part("prompt", "p"), "multipart/form-data") is None
    assert read("--b1\r\nno head", PARTS) is None


@pytest.mark.parametrize("kind", [URL, PARTS])
def test_a_form_has_a_bound_on_its_fields(kind: str) -> None:
    one = "a=b&" if kind is URL else part("a", "b")
    read(one * (FIELDS - 1) + "prompt=x", kind)

    with pytest.raises(WireError) as error:
        read(one * (FIELDS + 1), kind)

    assert error.value.reason == "complex"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (part("a" * HEAD, "x") + part("prompt", "p"), PARTS),
        (b"prompt=" + b"%41" * (ESCAPES + 1), URL),
        ("prompt=p" + ("&x=[" + "[]," * 30_000 + "[]]") * 4, URL),
        (part('x"; name="y', "t") + part("prompt", "p"), PARTS),
        (part("p", "t").replace("name=", "name*0="), PARTS),
        (part("prompt", "t"), PARTS + '; boundary="b2"'),
        (part("prompt", "t"), PARTS.replace("boundary", "boundary*")),
    ],
)
def test_a_form_is_not_read_that_costs_much_or_that_no_client_writes(
    body: str | bytes, kind: str
) -> None:
    with pytest.raises(WireError) as error:
        read(body, kind)

    assert error.value.reason == "complex"


def test_a_field_of_json_however_deep_is_what_it_holds() -> None:
    assert read("prompt=p&x=" + "[" * 300 + "]" * 300) is not None


def test_a_field_that_is_no_utf_8_is_read_as_starlette_reads_it() -> None:
    body = (part("prompt", "p\0") + END).encode().replace(b"\0", b"\xff")

    assert read(body, PARTS) == {"prompt": "p\xff"}


def test_parts_are_read_by_the_charset_of_the_form_too() -> None:
    body = (part("\0", "\1") + END).encode()
    body = body.replace(b"\0", "prompt".encode("cp037")).replace(b"\1", "Hi".encode("cp037"))

    assert read(body, PARTS + "; charset=cp037") == {"prompt": "Hi"}
    assert len(list(documents(part("prompt", "Hi").encode(), PARTS + "; charset=cp037"))) == 1
    with pytest.raises(WireError, match="charset"):
        read(body, PARTS + "; charset=punycode")


def test_a_boundary_within_a_line_ends_no_part() -> None:
    assert read(part("prompt", "--b1 a\r\n--b12 b") + END, PARTS) == {"prompt": "--b1 a\r\n--b12 b"}


def test_a_name_within_another_parameter_hides_none_behind_it() -> None:
    body = part("prompt", "p").replace("; name", '; x="; name="; name')

    with pytest.raises(WireError):
        read(body, PARTS)


@given(st.binary(max_size=300), st.sampled_from([URL, PARTS]))
def test_arbitrary_bytes_are_a_form_or_none(body: bytes, kind: str) -> None:
    for form in (body, b"prompt=" + body, part("prompt", "x").encode() + body):
        assert all(isinstance(orjson.loads(one), dict) for one in documents(form, kind))

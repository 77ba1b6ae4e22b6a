"""Mistakes are named with their place, all at once; what is right is read as it was meant."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from distillgate.config.load import load, read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.settings import Settings

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


class Plan(Settings):
    rate: float = 1.0
    burst: int = Field(default=10, ge=1)


class Stage(Settings):
    plans: dict[str, Plan] = Field(default={})
    trusted: tuple[str, ...] = ()
    ladder: tuple[Plan, ...] = ()
    secret: SecretStr | None = None
    limit: int | str | None = None
    share: float = 0.5


def mistakes(text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, Stage, source="c.yaml", environ=environ)
    return str(caught.value)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_bad_file_gives_exactly_its_message(path: Path) -> None:
    expected = [
        line.removeprefix("# expect: ")
        for line in path.read_text().splitlines()
        if line.startswith("# expect: ")
    ]
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert str(caught.value) == "\n".join(f"{path}:{line}" for line in expected)


def test_there_are_bad_files() -> None:
    assert len(BAD) > 20


def test_without_a_path_the_defaults() -> None:
    assert load(None) == Config()


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("# nothing\n")
    assert load(path) == Config()


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml")


def test_a_file_that_is_not_text_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"mode: shadow\nkey: \xff\n")
    with pytest.raises(ConfigError, match=r"c\.yaml:2: not UTF-8"):
        load(path)


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xef\xbb\xbfmode: enforce\n")
    assert load(path).mode == "enforce"


@pytest.mark.parametrize(
    "text", ["key: !x\n- a: [", "a\x00b", "\x07", "{" * 3000, "? [a]\n: b", r'secret: "\ud800"']
)
def test_no_text_raises_anything_but_a_config_error(text: str) -> None:
    assert mistakes(text).startswith("c.yaml:")


def test_aliases_of_aliases_end_early() -> None:
    levels = "".join(f"l{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 20)}]\n" for i in range(1, 9))
    assert "expands to more than 100000 values" in mistakes("l0: &a0 [x]\n" + levels)


def test_integers_serve_as_numbers_and_lists_as_tuples() -> None:
    stage = read("{share: 1, trusted: [a, b], plans: {pro: {rate: 2}}}", Stage, source="-")
    assert stage.share == 1.0
    assert stage.trusted == ("a", "b")
    assert stage.plans["pro"] == Plan(rate=2.0)


def test_scalars_are_what_yaml_1_2_says() -> None:
    stage = read("{trusted: [on, no, 1:30, 2020-01-01], share: 1e-3}", Stage, source="-")
    assert stage.trusted == ("on", "no", "1:30", "2020-01-01")
    assert stage.share == 0.001


def test_a_section_with_every_key_commented_out_is_the_default_section() -> None:
    stage = read("plans:\n  pro:\n  # rate: 3\n", Stage, source="-")
    assert stage.plans == {"pro": Plan()}


def test_mistakes_inside_mappings_and_lists_name_key_and_line() -> None:
    text = "plans:\n  pro:\n    brst: 3\nladder:\n- {}\n- burst: 0\n"
    assert mistakes(text).splitlines() == [
        "c.yaml:3: plans.pro.brst: unknown key; did you mean `burst`?",
        "c.yaml:6: ladder[1].burst: should be greater than or equal to 1, not `0`",
    ]


def test_alternatives_are_named_together() -> None:
    assert mistakes("limit: [1]") == (
        "c.yaml:1: limit: should be a valid integer, not a list; "
        "or should be a valid string, not a list"
    )


def test_references_are_replaced_in_values_of_every_kind() -> None:
    text = (
        "secret: ${KEY}\nshare: ${SHARE:-0.25}\ntrusted: ['${A:-x}:${B}', '$${A}']\nlimit: ${NO:-}"
    )
    stage = read(text, Stage, source="-", environ={"KEY": "s", "B": "b"})
    assert stage.secret is not None
    assert stage.secret.get_secret_value() == "s"
    assert stage.share == 0.25
    assert stage.trusted == ("x:b", "${A}")
    assert stage.limit is None


@pytest.mark.parametrize("value", ["12345", "1e5", "true", "0x10"])
def test_a_secret_that_looks_like_a_number_is_text(value: str) -> None:
    stage = read("secret: ${KEY}", Stage, source="-", environ={"KEY": value})
    assert stage.secret == SecretStr(value)


def test_what_the_environment_gave_is_never_repeated_in_an_error() -> None:
    message = mistakes("plans:\n  pro:\n    burst: '${KEY}'\n    rate: ${KEY}", KEY="hunter2")
    assert "plans.pro.burst" in message
    assert "plans.pro.rate" in message
    assert "hunter2" not in message


def test_an_alias_is_blamed_on_the_key_that_uses_it() -> None:
    text = "plans:\n  a: &a\n    rate: 1\n    burst: 0\n  b: *a\n"
    assert "c.yaml:4: plans.b.burst: should be greater" in mistakes(text)


def test_numbers_too_long_for_anyone_are_text() -> None:
    assert read(f"limit: {'9' * 5000}", Stage, source="-").limit == "9" * 5000


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3@cret@host:6379/0",
        "redis://user:s3#cret@host:6379/0",
        "redis://user:s3/cret@host:6379/0",
        "redis://user:s3?cret@host:6379/0",
        "redis://user:s3[cret@host:6379/0",
        "redis://user:s3%cret@host:6379/0",
        "rediss://user:s3 cret@host:6379/0",
        "redis://user:cret:s3@host:cret/0",
        "reddis://user:cret@host:6379/0",
        "cret",
    ],
)
def test_a_url_whose_password_would_be_read_otherwise_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match=r"log\.url: not like ") as raised:
        read(f"log: {{url: '{url}'}}", Config, source="c.yaml")

    assert "cret" not in str(raised.value).replace("secret", "")


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:s3%40%23%2Fcret@host:6379/0",
        "redis://:pa:ss@host",
        "redis://[::1]:6379/0",
        "rediss://host:6380/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/valkey.sock?db=1",
        "unix://user:pass@/run/valkey.sock",
    ],
)
def test_an_encoded_password_and_every_form_of_address_are_taken(url: str) -> None:
    config = read(f"log: {{url: '{url}'}}", Config, source="c.yaml")

    assert config.log.url == SecretStr(url)


@pytest.mark.parametrize(
    "text",
    [
        "key: *s3cret",
        "key: !s3cret x",
        "key: !s3!s3cret x",
        "key: &s3cret x\nmode: &s3cret x",
        "proxy: {upstream: 'https://user:s3cret@host'}",
        "proxy: {upstream: 'http://host/?token=s3cret'}",
        "admin: {key: [s3cret]}",
        "governance: {webhook: {secret: {s3cret: 1}}}",
        "admin: {path: 'https://user:s3cret@host'}",
    ],
)
def test_a_mistake_beside_a_secret_does_not_tell_it(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(text, Config, source="c.yaml")

    assert "s3cret" not in str(raised.value)

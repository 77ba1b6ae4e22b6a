"""Mistakes are named with their place, all at once; what is right is read as it was meant."""

import re
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from distillgate.config.load import load, read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.risk.calibration import Calibration, Null
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


def config(tmp_path: Path, named: str | Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"risk:\n  calibration: {named}\n")
    return path


def test_a_named_file_stands_for_its_contents(tmp_path: Path) -> None:
    written = tmp_path / "calibration.json"
    written.write_text('{"version": 2, "budget": 0.001, "everyone": {"margin": 1.5}}')

    assert load(config(tmp_path, written)).risk.null("any").margin == 1.5


def test_what_a_program_writes_does_not_stand_in_the_configuration() -> None:
    text = "risk: {calibration: {everyone: {margin: 2.0}}}"

    with pytest.raises(ConfigError, match=r"c:1: risk\.calibration: names the file"):
        read(text, Config, source="c")


def test_a_file_of_the_first_form_is_read(tmp_path: Path) -> None:
    written = tmp_path / "calibration.json"
    written.write_text(Calibration(version=1, everyone=Null(margin=1.0)).model_dump_json())

    assert load(config(tmp_path, written)).risk.null("any").margin == 1.0


@pytest.mark.parametrize("content", [None, "not: [closed", "just text", "[1, 2]"])
def test_a_file_that_cannot_be_used_is_told_at_its_line(
    tmp_path: Path, content: str | None
) -> None:
    named = tmp_path / "calibration.json"
    if content is not None:
        named.write_text(content)

    message = r"config\.yaml:2: risk\.calibration: .*calibration\.json"
    with pytest.raises(ConfigError, match=message):
        load(config(tmp_path, named))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"everyone": {"margin": -1}}', r"everyone\.margin: should be greater than or equal to 0"),
        ('{"everyone": {"margin": NaN}}', r"everyone\.margin: should be"),
        (
            '{"classes": {"a/b": {"shifts": {"links": -9}}}}',
            r"classes\.a/b\.shifts\.links: should be",
        ),
        ('{"version": 3}', r"version: should be 1 or 2"),
        ('{"weights": {}}', r"weights: unknown key; known here: version"),
        ('{"edition": 7}', r"edition: should be a valid string, not an integer"),
    ],
)
def test_a_mistake_inside_is_told_by_its_file_and_its_key(
    tmp_path: Path, content: str, told: str
) -> None:
    named = tmp_path / "calibration.json"
    named.write_text(content)

    where = rf"config\.yaml:2: risk\.calibration: {re.escape(str(named))}: "
    with pytest.raises(ConfigError, match=where + told):
        load(config(tmp_path, named))

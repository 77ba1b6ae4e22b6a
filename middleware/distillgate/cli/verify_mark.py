"""`distillgate verify-mark`: was this model trained on answers that carry a group's mark?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer

from distillgate.actions.mark.codebook import key_of
from distillgate.actions.mark.inspect import Finding, inspect
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.terminal import show
from distillgate.config.load import load
from distillgate.errors import ConfigError, StoreError, of_file
from distillgate.wire.fields import mapping

AnswersArgument = Annotated[
    Path,
    typer.Argument(
        metavar="ANSWERS.jsonl",
        help="The model's answers, one a line: a JSON string, an object with `text`, or a line of "
        "a traffic log.",
    ),
]
GroupOption = Annotated[
    str, typer.Option("--group", "-g", help="The group whose mark is looked for: its g-... code.")
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline", "-b", help="Answers of a model known to be innocent, in the same form."
    ),
]


def verify_mark(
    answers: AnswersArgument,
    group: GroupOption,
    baseline: BaselineOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Test a model's answers for a group's provenance mark. Needs the `key` it was marked with."""
    settings = load(config)
    if settings.key is None:
        raise ConfigError("key: must be the one the answers were marked with; none is set")
    key = key_of(settings.key.get_secret_value().encode(), group)
    usual = texts(baseline) if baseline is not None else ()
    found = inspect(texts(answers), key, baseline=usual)
    show({"group": group, **found._asdict()}, _words(group, found), as_json=as_json)


def texts(path: Path) -> Iterator[str]:
    """Read answers, a line each; raises `StoreError` for a file or a line that is none."""
    with of_file(path), path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _text(line, f"{path}:{number}")


def _text(line: bytes, where: str) -> str:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{where}: not JSON: {error}") from None
    if isinstance(value, dict):
        value = value.get("text", mapping(value.get("response")).get("text"))
    if not isinstance(value, str):
        raise StoreError(f"{where}: neither a string nor an object with `text`")
    return value


def _words(group: str, found: Finding) -> Iterator[str]:
    yield (
        f"{found.answers:,} answers; {found.questions:,} end with a question, "
        f"{found.counted:,} of them in words of the codebook"
    )
    yield f"{found.pairs} pairs of words tell keys apart; score of {group}: {found.score:+d}"
    yield f"p-value: {found.p_value:.3g}"
    if found.pairs < 10:
        yield f"too little to tell: it could not have fallen below {2.0**-found.pairs:.2g}"

"""`distillgate check`: is this configuration one that would start?"""

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from distillgate.asgi.host import load_identify
from distillgate.cli.options import ConfigOption
from distillgate.cli.terminal import complain, say
from distillgate.config.load import load
from distillgate.config.review import Finding
from distillgate.config.review.review import placed, review
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.proxy.listen import verify
from distillgate.telemetry import Telemetry
from distillgate.telemetry.spool import probe
from distillgate.tokenizer import Tokenizer

StrictOption = Annotated[
    bool, typer.Option("--strict", help="End with 2 on warnings too, for a pipeline.")
]


def check(config: ConfigOption = None, *, strict: StrictOption = False) -> None:
    """Check a configuration file: list every mistake in it, and warn of what it can hardly mean."""
    settings = load(config)
    found = list(placed([*review(settings, time.time()), *_of_this_machine(settings)], config))
    wrong = [text for text, one in found if one.fatal]
    for text, one in found:
        if not one.fatal:
            complain(f"{text} (warning)")
    if wrong:
        raise ConfigError("\n".join(wrong))
    if found and strict:
        raise typer.Exit(2)
    said = f", {len(found)} warnings" if len(found) > 1 else ", 1 warning" if found else ""
    say(f"{config or 'defaults'}: ok, mode {settings.mode}, fail {settings.fail}{said}")


def _of_this_machine(settings: Config) -> Iterator[Finding]:
    """Name what only this machine can say: are tables, sockets, files and functions there?"""
    identify = settings.asgi.identity.identify
    for look in (
        lambda: Tokenizer(settings.tokenizer),
        lambda: verify(settings.proxy),
        lambda: load_identify(identify),
        lambda: Telemetry(settings.telemetry),
    ):
        try:
            look()
        except ConfigError as error:
            name, _, text = str(error).partition(": ")
            yield Finding(tuple(name.split(".")), text, fatal=True)
    for name, file in _files(settings):
        try:
            probe(file)
        except FileNotFoundError:
            continue  # said of its folder already
        except OSError as error:
            text = f"{file}: cannot be written to: {error.strerror or error}"
            yield Finding(tuple(name.split(".")), text, fatal=True)


def _files(settings: Config) -> Iterator[tuple[str, str]]:
    """Name the files that are written."""
    destination = settings.telemetry.log.destination
    if destination not in ("stderr", "stdout"):
        yield "telemetry.log.destination", destination
    for name, path in (
        ("governance.audit.path", settings.governance.audit.path),
        ("record.path", settings.record.path),
        ("log.path", settings.log.path),
    ):
        if path is not None:
            yield name, path

"""`distillgate check`: is this configuration one that would start?"""

from collections.abc import Iterator

from distillgate.asgi.host import load_identify
from distillgate.cli.options import ConfigOption
from distillgate.cli.terminal import say
from distillgate.config.load import load
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.proxy.listen import verify
from distillgate.telemetry.spool import probe
from distillgate.tokenizer import Tokenizer


def check(config: ConfigOption = None) -> None:
    """Check a configuration file, and list every mistake in it."""
    settings = load(config)
    # What only this machine can answer: are the encodings' tables here, and the host's function?
    Tokenizer(settings.tokenizer)
    verify(settings.proxy)
    load_identify(settings.asgi.identity.identify)
    for name, path in _files(settings):
        try:
            probe(path)
        except OSError as error:
            what = f"{path}: cannot be written to: {error.strerror or error}"
            raise ConfigError(f"{name}: {what}") from None
    say(f"{config or 'defaults'}: ok, mode {settings.mode}, fail {settings.fail}")


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

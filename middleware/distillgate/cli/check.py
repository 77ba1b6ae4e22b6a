"""`distillgate check`: is this configuration one that would start?"""

from distillgate.asgi.host import load_identify
from distillgate.cli.options import ConfigOption
from distillgate.cli.terminal import say
from distillgate.config.load import load
from distillgate.tokenizer import Tokenizer


def check(config: ConfigOption = None) -> None:
    """Say whether a configuration file can be used; name every mistake if not."""
    settings = load(config)
    # What only this machine can answer: are the encodings' tables here, and the host's function?
    Tokenizer(settings.tokenizer)
    load_identify(settings.asgi.identity.identify)
    say(f"{config or 'defaults'}: ok, mode {settings.mode}, fail {settings.fail}")

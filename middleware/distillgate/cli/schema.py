"""`distillgate schema`: the configuration file's JSON Schema, for editors."""

from distillgate.cli.terminal import say_json
from distillgate.config.schema import json_schema


def schema() -> None:
    """Print the configuration file's JSON Schema."""
    say_json(json_schema())

"""`distillgate schema`: the configuration file's JSON Schema, for editors."""

import orjson
import typer

from distillgate.config.schema import json_schema


def schema() -> None:
    """Print the configuration file's JSON Schema."""
    typer.echo(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2))

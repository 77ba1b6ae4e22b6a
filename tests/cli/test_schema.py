"""The schema is JSON, and it is the code's."""

import json

from tests.cli.conftest import Run

from distillgate.config.schema import json_schema


def test_the_schema_is_printed_as_json(run: Run) -> None:
    ended = run("schema")
    assert ended.code == 0
    assert json.loads(ended.out) == json.loads(json.dumps(json_schema()))

"""What the formats' tests share: reading records as `import` does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from distillgate.traffic.formats.registry import FORMATS
from distillgate.traffic.imports import Imports, Source

Read = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Import records of a format, and return the traffic log's lines."""

    def call(
        name: str, *records: Any, fields: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        path = tmp_path / "export.json"
        path.write_text("\n".join(map(json.dumps, records)))
        source = Source(FORMATS[name], (str(path),), fields=fields or {})
        imports = Imports(source, tmp_path, warn=pytest.fail)
        for _ in imports.read():
            pass
        return [json.loads(line) for _, line in imports]

    return call

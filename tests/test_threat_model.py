import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs/threat-model.md").read_text())


def test_every_test_that_the_threat_model_names_is_there() -> None:
    assert len(NAMED) > 80
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
        )
    ]
    assert missing == []

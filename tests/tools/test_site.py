"""The documentation's site builds with no warning, and has a page for every detector."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from distillgate.signals.registry import ACCOUNT, GROUP

pytest.importorskip("material", reason="pip install mkdocs-material")

ROOT = Path(__file__).parents[2]


def test_the_site_builds_strictly_and_asks_nobody_else(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", tmp_path],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    pages = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.html")}
    for detector in (*ACCOUNT, *GROUP):
        text = unescape(pages[f"reference/detectors/{detector.name}.html"].read_text())
        (source,) = re.findall(r"<code>(middleware/distillgate/signals/[\w/]+\.py)</code>", text)
        assert (ROOT / source).is_file()
        assert detector.asks in text
        assert detector.doubt.honest[1:].rstrip(".") in text
    foreign = r"""(?:src|<link[^>]*rel="(?:stylesheet|preload)"[^>]*href)="?https?:"""
    assert [name for name, path in pages.items() if re.search(foreign, path.read_text())] == []

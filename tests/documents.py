"""The documents' blocks of code, as tests read them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Block(NamedTuple):
    """A block of code, and where it stands."""

    page: str
    line: int
    language: str
    text: str
    before: str
    """All of the page before it."""

    @property
    def section(self) -> str:
        """The heading it stands under, with its marks."""
        heads = re.findall(r"(?m)^#+ .*$", self.before)
        return heads[-1] if heads else ""


def blocks(language: str | None = None) -> list[Block]:
    """Return every block of every page, or those of one language."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for one in re.finditer(r"(?ms)^( *)```(\w*)[^\n]*\n(.*?)^\1```", text):
            line = text.count("\n", 0, one.start()) + 1
            name = page.relative_to(ROOT).as_posix()
            found.append(Block(name, line, one[2], one[3], text[: one.start()]))
    return [block for block in found if language in (None, block.language)]

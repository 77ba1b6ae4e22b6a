"""Write the pages of `docs/reference`, which are the code's own: `python -m tools.reference`."""  # noqa: INP001  # a script, not a package

from collections.abc import Callable, Iterator
from pathlib import Path

from distillgate.signals.registry import ACCOUNT

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
_WRITTEN = "<!-- Written by `python -m tools.reference`: change the code, not this page. -->"


def detectors() -> str:
    """Describe every detector, a row each, from its registration."""
    lines = [
        "# Detectors",
        "",
        _WRITTEN,
        "",
        "What each detector asks, of which family its evidence is, which indicator of the advisory",
        "AA26-251A it is, and who does the same in good faith.",
        "",
        "## Of single accounts",
        "",
        "| detector | asks | family | indicator | in good faith |",
        "|---|---|---|---|---|",
        *(
            f"| `{d.name}` | {d.asks} | {d.family} | {d.indicator or ''} | {d.doubt.honest} |"
            for d in ACCOUNT
        ),
    ]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {"detectors.md": detectors}
"""The pages, by the names of their files."""


def differing() -> Iterator[str]:
    """Name the pages that are not what the code says."""
    for name, render in PAGES.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text() != render():
            yield name


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (REFERENCE / name).write_text(render())


if __name__ == "__main__":
    main()

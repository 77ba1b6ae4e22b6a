"""The documentation's site: what MkDocs does not do by itself, as its hooks (`mkdocs.yml`)."""  # noqa: INP001  # a script, not a package

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from distillgate.signals import detectors, table
from distillgate.signals.detector import AccountDetector, Detector
from distillgate.signals.group_detector import GroupDetector
from distillgate.signals.registry import ACCOUNT, GROUP, OFF

ROOT = Path(__file__).parent.parent
FOLDER = "reference/detectors"
_LINK = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+[^)#\s]+)(?:#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each detector, from its registration."""
    for detector in (*ACCOUNT, *GROUP):
        name = f"{FOLDER}/{detector.name}.md"
        files.append(File.generated(config, name, content="\n".join(_described(detector))))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Files) -> str:
    """Name files of the repository that are no pages, rather than link to them."""
    here = Path(config.docs_dir, page.file.src_uri).parent

    def named(found: re.Match[str]) -> str:
        target = (here / found[2]).resolve()
        if target.is_relative_to(Path(config.docs_dir).resolve()):
            return found[0]
        if not target.exists():
            raise ValueError(f"{page.file.src_uri}: {found[2]} is not there")
        path = target.relative_to(ROOT.resolve()).as_posix()
        text = found[1].strip("`")
        return f"`{path}`" if text == path or path.endswith(text) else f"{found[1]} (`{path}`)"

    text = _LINK.sub(named, markdown)
    return _linked(text) if page.file.src_uri == f"{FOLDER}.md" else text


def _linked(text: str) -> str:
    """Lead from each row of the table to its page."""
    names = "|".join(detector.name for detector in (*ACCOUNT, *GROUP))
    return re.sub(rf"(?m)^\| `({names})` \|", r"| [`\1`](detectors/\1.md) |", text)


def _described(detector: Detector) -> Iterator[str]:
    """Describe one detector: what it sees, its honest twin, what clears it, its source."""
    yield f"# {detector.name}\n"
    yield f"**It asks** {detector.asks}.\n"
    kind = "a group of accounts" if isinstance(detector, GroupDetector) else "a single account"
    yield f"It speaks of {kind}, in the family `{detector.family}`, whose evidence is capped.\n"
    if isinstance(detector, AccountDetector) and detector.indicator is not None:
        yield f"It is indicator {detector.indicator} of the advisory AA26-251A.\n"
    if isinstance(detector, GroupDetector):
        yield f"Its signals: {', '.join(f'`{name}`' for name in detector.signals)}.\n"
    yield f"## The honest twin\n\n{_sentence(detector.doubt.honest)}\n"
    if detector.doubt.clears:
        yield f"## What clears it, and so evades it\n\n{_sentence(detector.doubt.clears)}\n"
    off = "can" if detector.name in OFF else "cannot"
    yield f"## In the code\n\n`{_source(detector)}`. It {off} be turned off (`signals.off`).\n"
    yield "What was measured of all of them: [how a campaign is seen](../../detection.md).\n"


def _source(detector: Detector) -> str:
    """Return the file in which a detector is registered."""
    modules = [
        import_module(f"{detectors.__name__}.{one.name}")
        for one in iter_modules(detectors.__path__)
    ]
    holding = (m for m in modules if any(value is detector for value in vars(m).values()))
    module = next(holding, table)
    return Path(str(module.__file__)).resolve().relative_to(ROOT.resolve()).as_posix()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."

"""Make the vocabulary files distillgate carries, from a folder of tiktoken's cached downloads.

    python tools/vendor_vocabulary.py CACHE_FOLDER

CACHE_FOLDER holds files under tiktoken's own cache names (the SHA-1 of the address they come from):
a `TIKTOKEN_CACHE_DIR` that was used once, or `llama_index/core/_static/tiktoken_cache` inside the
llama-index-core wheel, or `litellm/litellm_core_utils/tokenizers` inside the litellm wheel. A file
whose SHA-256 is not the one tiktoken expects is refused. The output is the same bytes every time
that liblzma's version is the same, and decompresses to tiktoken's bytes whatever the version.
"""  # noqa: INP001  # a script, not a package

import hashlib
import lzma
import sys
from pathlib import Path

from distillgate.tokenizer.vocabulary import PUBLISHED

DATA = Path(__file__).parent.parent / "middleware" / "distillgate" / "data"
CARRIED = ("cl100k_base", "o200k_base")


def vendor(name: str, folder: Path) -> None:
    """Check one table and write it compressed."""
    published = PUBLISHED[name]
    url = published.address
    origin = folder / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
    table = origin.read_bytes()
    if hashlib.sha256(table).hexdigest() != published.sha256:
        raise SystemExit(f"{origin} is not {url}: its SHA-256 differs")
    target = DATA / f"{published.file}.xz"
    target.write_bytes(lzma.compress(table, preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes, from {url}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for each in CARRIED:
        vendor(each, Path(sys.argv[1]))

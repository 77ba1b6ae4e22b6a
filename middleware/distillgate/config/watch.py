"""A changed file becomes a new configuration, or a complaint, never an interruption.

The file is looked at, not subscribed to: a look costs one `stat`, follows symbolic links (a mounted
Kubernetes ConfigMap swaps one above the file) and sees an atomic rename as a new inode, where
file-system events need a case for each and do not cross network mounts at all.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from distillgate.config.changes import is_start_only
from distillgate.config.load import load
from distillgate.config.review.review import examined
from distillgate.config.schema import Config
from distillgate.errors import ConfigError


class Watcher:
    """Reloads one configuration file for as long as `run` runs.

    `apply` gets each new configuration, `complain` what is wrong with a file that cannot be used:
    then the old configuration stays; `doubt` gets what a file that is used can hardly mean. All are
    called on the event loop. A file is read only once
    two looks in a row found it the same, so that one still being written is not taken for an
    empty one.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        apply: Callable[[Config], None],
        complain: Callable[[ConfigError], None],
        interval: float = 1.0,
        environ: Mapping[str, str] | None = None,
        doubt: Callable[[list[str]], None] = lambda _: None,
    ) -> None:
        self._path = Path(path)
        self._apply = apply
        self._complain = complain
        self._interval = interval
        self._environ = environ
        self._doubt = doubt
        self._known = self._look()
        self._last = self._known
        self._wanted = asyncio.Event()
        self._asking: list[asyncio.Future[ConfigError | None]] = []
        """Who waits for the result of a reload."""

    async def run(self) -> None:
        """Look every `interval` seconds (0: never) and on `request`, until cancelled."""
        while True:
            timeout = self._interval or None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), timeout)
            if self._wanted.is_set():
                self._wanted.clear()
                await self.reload()
            else:
                await self.look()

    async def look(self) -> None:
        """Look once at the file, and reload if it changed and is at rest."""
        # A missing file is None at two looks in a row too: a change, complained of once.
        found, last = self._look(), self._last
        self._last = found
        if self._known != found == last:
            await self.reload()

    def request(self) -> None:
        """Reload soon, changed or not (the environment may have). Call it on the event loop."""
        self._wanted.set()

    async def ask(self) -> ConfigError | None:
        """Reload, and return what is wrong with the file; None where it was taken."""
        answer: asyncio.Future[ConfigError | None] = asyncio.get_running_loop().create_future()
        self._asking.append(answer)
        self.request()
        return await answer

    async def reload(self) -> None:
        """Read the file now, off the event loop; apply it or complain."""
        asking, self._asking = self._asking, []
        self._known = self._look()
        self._last = self._known
        wrong = None
        try:
            config, doubts = await asyncio.to_thread(self._read)
        except ConfigError as error:
            wrong = error
            self._complain(error)
        else:
            self._doubt(doubts)
            self._apply(config)
        for answer in asking:
            if not answer.done():
                answer.set_result(wrong)

    def _read(self) -> tuple[Config, list[str]]:
        """Read the file, and what it can hardly mean. Raises `ConfigError`.

        What counts from the next start only is examined then.
        """
        config = load(self._path, environ=self._environ)
        return config, examined(
            config, self._path, now=time.time(), counts=lambda name: not is_start_only(name)
        )

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

"""A changed file is applied whichever way it was changed; a bad one leaves the old in place."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from distillgate.config.schema import Config
from distillgate.config.watch import Watcher
from distillgate.errors import ConfigError


class Seen:
    """What a watcher told."""

    def __init__(self) -> None:
        self.applied: list[Config] = []
        self.complaints: list[str] = []

    def complain(self, error: ConfigError) -> None:
        self.complaints.append(str(error))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  (any condition, with a deadline)
            await asyncio.sleep(0.005)


def watching(
    path: Path, body: Callable[[Seen, Watcher], Awaitable[None]], interval: float = 0.01
) -> Seen:
    """Run `body` beside a watcher of `path`."""
    seen = Seen()

    async def main() -> None:
        watcher = Watcher(
            path, apply=seen.applied.append, complain=seen.complain, interval=interval, environ={}
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watcher.run())
            await body(seen, watcher)
            task.cancel()

    asyncio.run(main())
    return seen


def write(path: Path, text: str) -> None:
    """Write in place. Texts of one test differ in length: a clock's tick may span two writes."""
    path.write_text(text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    write(path, "mode: shadow\n")
    return path


def test_a_file_written_in_place_is_applied(path: Path) -> None:
    async def body(seen: Seen, _: Watcher) -> None:
        write(path, "mode: enforce\n")
        await until(lambda: bool(seen.applied))

    assert [config.mode for config in watching(path, body).applied] == ["enforce"]


def test_a_file_renamed_over_is_applied(path: Path) -> None:
    async def body(seen: Seen, _: Watcher) -> None:
        new = path.with_suffix(".new")
        write(new, "mode: enforce\n")
        new.rename(path)
        await until(lambda: bool(seen.applied))

    assert [config.mode for config in watching(path, body).applied] == ["enforce"]


def test_a_swapped_directory_link_is_applied(tmp_path: Path) -> None:
    """Kubernetes mounts `config.yaml -> ..data/config.yaml` and swaps `..data`."""
    for version, mode in (("v1", "shadow"), ("v2", "enforce")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "config.yaml").write_text(f"mode: {mode}\n")
    data = tmp_path / "..data"
    data.symlink_to("v1")
    path = tmp_path / "config.yaml"
    path.symlink_to("..data/config.yaml")

    async def body(seen: Seen, _: Watcher) -> None:
        swap = tmp_path / "..data_tmp"
        swap.symlink_to("v2")
        swap.rename(data)
        await until(lambda: bool(seen.applied))

    assert [config.mode for config in watching(path, body).applied] == ["enforce"]


def test_a_bad_file_is_complained_of_and_a_mended_one_applied(path: Path) -> None:
    async def body(seen: Seen, _: Watcher) -> None:
        write(path, "mod: enforcing\n")
        await until(lambda: bool(seen.complaints))
        assert not seen.applied
        write(path, "mode: enforce\n")
        await until(lambda: bool(seen.applied))

    seen = watching(path, body)
    assert seen.complaints == [f"{path}:1: mod: unknown key; did you mean `mode`?"]
    assert [config.mode for config in seen.applied] == ["enforce"]


def test_a_file_gone_is_complained_of_once(path: Path) -> None:
    async def body(seen: Seen, watcher: Watcher) -> None:
        path.unlink()  # noqa: ASYNC240  (a test's own disk)
        await until(lambda: bool(seen.complaints))
        for _ in range(5):
            await watcher.look()
        assert len(seen.complaints) == 1
        write(path, "mode: enforce\n")
        await until(lambda: bool(seen.applied))

    watching(path, body)


def test_a_file_being_written_waits_until_it_rests(path: Path) -> None:
    """A truncated file is an empty one, and an empty one would be the defaults."""
    seen = Seen()

    async def main() -> None:
        watcher = Watcher(path, apply=seen.applied.append, complain=seen.complain, environ={})
        write(path, "")
        await watcher.look()
        write(path, "mode: enf")
        await watcher.look()
        write(path, "mode: enforce\n")
        await watcher.look()
        assert not seen.applied
        await watcher.look()
        await watcher.look()

    asyncio.run(main())
    assert [config.mode for config in seen.applied] == ["enforce"]
    assert not seen.complaints


def test_a_request_reloads_a_file_that_did_not_change(path: Path) -> None:
    async def body(seen: Seen, watcher: Watcher) -> None:
        watcher.request()
        await until(lambda: bool(seen.applied))

    assert [config.mode for config in watching(path, body, interval=0).applied] == ["shadow"]

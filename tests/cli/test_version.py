"""The version is one line."""

from tests.cli.conftest import Run

from distillgate.native import passes


def test_the_version_is_one_line(run: Run) -> None:
    ended = run("version")
    assert run("--version") == ended
    assert ended.code == 0
    assert ended.out.startswith("distillgate ")
    assert f"({'Python' if passes is None else 'compiled'} passes)" in ended.out
    assert ended.out.count("\n") == 1

"""A replay gives one decision an exchange, the same bytes each time, and a summary."""

import gzip
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, line

KEYS = ["ts", "account", "action", "risk", "families", "reasons", "group"]


def test_the_same_log_gives_the_same_bytes(process: Run, log: Path, tmp_path: Path) -> None:
    """Two processes hash strings differently, and one has no compiled passes: an order, or a
    number, that depends on either shows here.
    """
    outputs = []
    for seed, native in (("1", "on"), ("2", "off")):
        out = tmp_path / f"{seed}.jsonl"
        how = {"PYTHONHASHSEED": seed, "DISTILLGATE_NATIVE": native}
        assert process("replay", log, "--out", out, **how).code == 0
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]
    decisions = [json.loads(text) for text in outputs[0].splitlines()]
    assert len(decisions) == 300
    assert all(list(decision) == KEYS for decision in decisions)
    assert [d["ts"] for d in decisions] == [1771286400.0 + n for n in range(300)]


def test_compressed_logs_and_outputs_are_the_same(run: Run, log: Path, tmp_path: Path) -> None:
    packed = tmp_path / "log.jsonl.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    plain_out, packed_out = tmp_path / "out.jsonl", tmp_path / "out.jsonl.gz"
    assert run("replay", log, "--out", plain_out).code == 0
    assert run("replay", packed, "--out", packed_out).code == 0
    assert gzip.decompress(packed_out.read_bytes()) == plain_out.read_bytes()


def test_a_log_may_come_on_standard_input(process: Run, log: Path) -> None:
    ended = process("replay", "-", "--json", stdin=log.read_bytes())
    assert ended.code == 0
    assert json.loads(ended.out)["exchanges"] == 300


def test_the_summary_as_json(run: Run, log: Path) -> None:
    ended = run("replay", log, "--json")
    assert ended.err == ""
    summary = json.loads(ended.out)
    assert summary["exchanges"] == summary["lines"] == 300
    assert summary["accounts"] == 20
    assert sum(summary["actions"].values()) == 300
    assert summary["exchanges_per_second"] > 0
    assert summary["peak_memory_bytes"] > 1 << 20
    assert {"restricted", "groups", "malformed", "untouched", "seconds"} <= set(summary)


def test_the_summary_for_people(run: Run, log: Path) -> None:
    ended = run("replay", log)
    assert ended.code == 0
    assert ended.err == ""
    for word in ("accounts", "restricted", "groups found", "exchanges/s", "peak memory"):
        assert word in ended.out


def test_bad_lines_are_warned_of_and_skipped(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(line(1) + b"{oops\n\n" + line(2, path="/v1/models") + line(3) + b"[]")
    ended = run("replay", path, "--json")
    assert ended.code == 0
    assert ended.err.splitlines() == [
        f"{path}: line 2: skipped: not JSON",
        f"{path}: line 6: skipped: not a JSON object",
    ]
    summary = json.loads(ended.out)
    assert (summary["lines"], summary["malformed"], summary["untouched"]) == (5, 2, 1)
    assert summary["exchanges"] == 2
    assert run("replay", path, "--strict").code == 1


def test_many_bad_lines_are_not_all_shown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"oops\n" * 1000)
    ended = run("replay", path, "--json")
    assert len(ended.err.splitlines()) == 11
    assert ended.err.splitlines()[-1] == f"{path}: 990 more warnings not shown"
    assert json.loads(ended.out)["malformed"] == 1000


def test_an_empty_log_is_no_mistake(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch()
    ended = run("replay", path)
    assert ended.code == 0
    assert ended.err == ""


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_the_mode_changes_nothing(run: Run, log: Path, tmp_path: Path, mode: str) -> None:
    config, out = tmp_path / "c.yaml", tmp_path / "out.jsonl"
    config.write_text(f"mode: {mode}\npolicy: {{plans: {{default: {{requests_per_minute: 2}}}}}}\n")
    assert run("replay", log, "-c", config, "-o", out).code == 0
    actions = [json.loads(text)["action"] for text in out.read_bytes().splitlines()]
    # 20 accounts send 15 requests, one in 20 seconds; two a minute and a burst of two let 11 pass.
    assert actions.count("throttle") == 20 * 4


def test_an_output_that_cannot_be_written_is_one_line(run: Run, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "none" / "out.jsonl"
    assert run("replay", log, "-o", out) == (2, "", f"{out}: No such file or directory\n")

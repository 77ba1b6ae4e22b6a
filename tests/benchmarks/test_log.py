import gzip
from pathlib import Path

import orjson
from benchmarks.detection.log import Writer, merge


def written(path: Path, *times: float) -> Path:
    writer = Writer(path)
    for ts in times:
        writer.add({"ts": ts, "account": path.stem})
    writer.close()
    return path


def read(path: Path) -> list[float]:
    with gzip.open(path) as file:
        return [orjson.loads(line)["ts"] for line in file]


def test_lines_come_out_in_order_of_time(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl.gz", 3.5, 1.25, 2.0)

    assert read(path) == [1.25, 2.0, 3.5]
    assert list(tmp_path.iterdir()) == [path]


def test_logs_are_merged_by_time(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl.gz", 1.0, 4.0, 12.5)
    second = written(tmp_path / "b.jsonl.gz", 2.0, 3.0, 9.0)

    merge([first, second], tmp_path / "out.jsonl.gz")

    assert read(tmp_path / "out.jsonl.gz") == [1.0, 2.0, 3.0, 4.0, 9.0, 12.5]


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.jsonl.gz")) == []

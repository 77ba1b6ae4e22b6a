import gzip
from pathlib import Path

import orjson
from benchmarks.detection.log import Writer, time_of


def written(path: Path, *times: float) -> Writer:
    writer = Writer(path)
    for ts in times:
        writer.add({"ts": ts, "account": path.stem})
    writer.close()
    return writer


def test_lines_come_out_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    writer = written(path, 3.5, 1.25, 2.0)

    with gzip.open(path) as file:
        lines = list(file)
    assert [orjson.loads(line)["ts"] for line in lines] == [1.25, 2.0, 3.5]
    assert [time_of(line) for line in lines] == [1.25, 2.0, 3.5]
    assert writer.start == 1.25
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    written(path)

    with gzip.open(path) as file:
        assert list(file) == []

"""Metrics in a registry of their own."""

import os
import subprocess
import sys
from pathlib import Path

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families as parsed

from distillgate.telemetry.metrics import CONTENT_TYPE, SHARED, Metrics, forget


def test_what_is_rendered_can_be_scraped() -> None:
    metrics = Metrics()
    metrics.exchanges.add("chat", "allow", "shadow")
    metrics.exchanges.add("chat", "allow", "shadow", amount=2)
    metrics.decision.observe(0.002)

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in parsed(metrics.render().decode())
        for sample in family.samples
    }
    assert samples["distillgate_exchanges_total", "allow", "shadow", "chat"] == 3
    assert samples["distillgate_decision_seconds_count",] == 1
    assert samples["distillgate_decision_seconds_bucket", "0.0025"] == 1
    assert samples["distillgate_decision_seconds_bucket", "0.001"] == 0
    assert samples["distillgate_accounts",] == 0


def test_the_content_type_is_the_one_of_the_format() -> None:
    _, content_type = prometheus_client.exposition.choose_encoder("")

    assert content_type == CONTENT_TYPE


def test_two_gates_in_one_process_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.unread.add("json")

    assert b'unread_total{reason="json"} 1.0' in one.render()
    assert b'reason="json"' not in other.render()
    assert b"distillgate" not in prometheus_client.generate_latest()


COUNTING = """
import sys
from pathlib import Path
from distillgate.telemetry.metrics import Metrics
from distillgate.telemetry.vitals import Vitals

metrics = Metrics(Path(sys.argv[1]))
metrics.unread.add("json")
metrics.decision.observe(0.002)
metrics.vitals.set(Vitals(accounts=int(sys.argv[2])))
metrics.log.backlog.set(int(sys.argv[2]))
sys.stdout.buffer.write(metrics.render())
"""


def test_processes_that_share_a_folder_count_as_one(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        ended = subprocess.run(
            [sys.executable, "-c", COUNTING, str(tmp_path), str(number * 10)],
            env={**os.environ, SHARED: str(tmp_path)},
            capture_output=True,
            check=True,
            text=True,
        )
        lines = ended.stdout.splitlines()
        assert f'distillgate_unread_total{{reason="json"}} {number}.0' in lines
        assert f"distillgate_decision_seconds_count {number}.0" in lines
        assert f"distillgate_accounts {number * 10}.0" in lines
        assert f"distillgate_log_backlog_bytes {number * 10}.0" in lines
        [own] = [path.stem for path in tmp_path.glob("gauge_livesum_*")]
        forget(int(own.rpartition("_")[2]), tmp_path)

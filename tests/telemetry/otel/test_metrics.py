"""Prometheus' families in OpenTelemetry's form: the same numbers."""

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")

from opentelemetry.sdk.metrics.export import Gauge, Histogram, Sum
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, Counter, Summary
from prometheus_client import Gauge as Level
from prometheus_client import Histogram as Times

from distillgate.telemetry.otel.metrics import converted


def test_counters_levels_and_histograms_keep_their_numbers_and_labels() -> None:
    registry = CollectorRegistry()
    Counter("eaten", "Apples.", ["kind"], registry=registry).labels("red").inc(3)
    Level("room_bytes", "Room.", registry=registry).set(7)
    times = Times("took_seconds", "Time.", ["how"], buckets=(1, 5), registry=registry)
    for how, seconds in (("fast", 0.5), ("fast", 2.0), ("slow", 9.0)):
        times.labels(how).observe(seconds)

    (resource,) = converted(registry.collect(), Resource({}), 5).resource_metrics
    (scope,) = resource.scope_metrics
    found = {metric.name: metric for metric in scope.metrics}

    eaten, room, took = (found[name].data for name in ("eaten", "room_bytes", "took_seconds"))
    assert isinstance(eaten, Sum)
    assert [(one.attributes, one.value) for one in eaten.data_points] == [({"kind": "red"}, 3)]
    assert isinstance(room, Gauge)
    assert found["room_bytes"].unit == "By"
    assert isinstance(took, Histogram)
    assert [
        (one.attributes, one.count, one.sum, one.bucket_counts, one.explicit_bounds)
        for one in took.data_points
    ] == [
        ({"how": "fast"}, 2, 2.5, [1, 1, 0], [1.0, 5.0]),
        ({"how": "slow"}, 1, 9.0, [0, 0, 1], [1.0, 5.0]),
    ]
    assert {one.start_time_unix_nano for one in took.data_points} == {5}


def test_a_family_without_samples_is_left_out() -> None:
    registry = CollectorRegistry()
    Counter("eaten", "Apples.", ["kind"], registry=registry)
    Summary("weight", "Weight.", ["kind"], registry=registry)

    (resource,) = converted(registry.collect(), Resource({}), 0).resource_metrics

    assert list(resource.scope_metrics[0].metrics) == []

"""The gauges of the gate itself."""

from prometheus_client import CollectorRegistry, generate_latest

from distillgate.telemetry.vitals import VitalMetrics, Vitals


def test_every_vital_has_its_gauge() -> None:
    registry = CollectorRegistry()
    metrics = VitalMetrics(registry, "1.2")
    metrics.set(Vitals(accounts=7, killed=True, config=0xFFFFFFFFFFFF, loop_lag=0.5))

    told = generate_latest(registry).decode()

    assert "distillgate_accounts 7.0" in told
    assert "distillgate_killed 1.0" in told
    assert "distillgate_enforcing 0.0" in told
    assert "distillgate_loop_lag_seconds 0.5" in told
    assert 'distillgate_build_info{version="1.2"} 1.0' in told
    shown = next(line for line in told.splitlines() if line.startswith("distillgate_config_hash "))
    assert int(float(shown.split()[1])) == 0xFFFFFFFFFFFF, "a hash is told exactly"

from benchmarks import machine, signals

from distillgate.signals.registry import ACCOUNT


def test_every_detector_is_timed_and_all_that_is_kept_for_them_is_counted() -> None:
    result = signals.measure(machine.Cores(None, None), quick=True, calibration={})

    assert set(result["detectors_us"]) == {detector.name for detector in ACCOUNT}
    assert all(size > 0 for size in result["bytes"].values())
    kept = sum(result["bytes"].values())
    assert kept <= signals.TARGETS["bytes"]
    assert "many_clients" in result["fired"]
    assert "many_clients" in signals.write(result)

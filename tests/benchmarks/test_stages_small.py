from benchmarks import machine, report, stages


def test_every_stage_is_found_in_the_engine_and_the_report_names_it() -> None:
    result = stages.measure(machine.Cores(None, None), quick=True, calibration={})

    assert [row["tokens"] for row in result["rows"]] == list(stages.SIZES)
    for row in result["rows"]:
        assert {*stages.STAGES, "wire", "fingerprint", "group"} <= row["stages"].keys()
        assert "tokens" not in row["stages"]  # the upstream tells them
        assert sum(row["stages"].values()) == row["total_us"]
    assert f"{max(stages.SIZES):,}" in report.plain(stages.tables(result))

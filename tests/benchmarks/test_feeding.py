from benchmarks.detection.feeding import Row, write


def test_a_campaign_that_is_acquitted_by_a_written_file_is_a_failure() -> None:
    kept = Row(0.02, 8, 8, 8, 400, 0, 0, "")
    disarmed = Row(0.09, 40, 40, 0, 400, 0, 0, "")
    refused = Row(0.09, 40, 40, 0, 400, 0, 0, "it would acquit 40")

    assert [row.holds for row in (kept, disarmed, refused)] == [True, False, True]
    *_, line = write([refused])
    assert line == "| 9% | 40 | 40, 0 | 400 | 0, 0 | refuses |"

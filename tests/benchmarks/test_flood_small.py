from benchmarks.flood import CAMPAIGN, run, write


def test_a_flood_pushes_out_no_record_and_grows_nothing() -> None:
    result = run(accounts=6_000, limit=1_500)

    assert result["restricted"] > CAMPAIGN * 0.9
    assert result["intact"] == result["restricted"]
    assert result["still_restricted"] == result["asked_again"] > 0
    assert result["pardon_kept"]
    assert result["evicted"] >= 6_000 - 1_500
    assert len(result["phases"]) == 10
    assert "a pardon is kept" in write(result)

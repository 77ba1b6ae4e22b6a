from tools.fuzz_report import Row, read

SAID = """INFO: Seed: 338120773
#2	INITED cov: 47 ft: 47 corp: 1/2257b exec/s: 0 rss: 89Mb
#164879	DONE   cov: 63 ft: 123 corp: 28/3834b lim: 2670 exec/s: 54959 rss: 89Mb
Done 164879 runs in 3 second(s)
stat::number_of_executed_units: 164879
stat::average_exec_per_sec:     54959
stat::peak_rss_mb:              89
"""
FAILED = """ValueError: no such thing
==7== ERROR: libFuzzer: fuzz target exited
artifact_prefix='.fuzz/'; Test unit written to .fuzz/crash-0a1b
stat::number_of_executed_units: 12
stat::peak_rss_mb:              90
"""


def test_what_a_fuzzer_said_is_a_row_of_the_table() -> None:
    assert read("heads", SAID, 0) == Row("heads", 164_879, 63, 89, "")
    assert read("heads", FAILED, 77) == Row("heads", 12, 0, 90, ".fuzz/crash-0a1b")
    assert read("heads", "no module named atheris", 1).failed == "it ended with 1"

"""Times for people."""

from distillgate.cli.moments import moment


def test_a_time_is_in_utc_to_the_second_and_may_have_no_end() -> None:
    assert moment(1.9) == "1970-01-01 00:00:01 UTC"
    assert moment(1e300) == moment(float("inf")) == "further notice"

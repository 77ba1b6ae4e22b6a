from benchmarks.report import Table, markdown, plain

TABLE = Table("Figures", ("name", "a"), [("one", "1"), ("fifteen", "15")], ["of today"])


def test_a_terminal_gets_columns() -> None:
    assert plain([TABLE]).splitlines() == [
        "Figures",
        "  name      a",
        "  one       1",
        "  fifteen  15",
        "  of today",
    ]


def test_a_page_gets_a_table() -> None:
    lines = markdown([TABLE]).splitlines()

    assert lines[0] == "**Figures**"
    assert lines[2:6] == ["| name | a |", "|---|--:|", "| one | 1 |", "| fifteen | 15 |"]
    assert lines[-1] == "- of today"

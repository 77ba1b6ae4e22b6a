"""The heat map: a row an account, a column a bin; what is red was cut or turned away."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import bins, of, shapes, texts

from distillgate.admin.console.pictures.heat import heat, window


def row(name: str, sent: list[int], held: list[int], judged: int | None = None) -> dict[str, Any]:
    return {"account": name, "sent": sent, "held": held, "judged_in": judged}


def found(*rows: dict[str, Any]) -> dict[str, Any]:
    total = [sum(column) for column in zip(*(one["sent"] for one in rows), strict=True)]
    return {
        "first": 1_771_200_000.0, "seconds": 300.0, "accounts": list(rows),
        "drawn": len(rows), "of": len(rows), "total": {"sent": total},
    }  # fmt: skip


def test_each_busy_bin_is_a_cell_and_red_where_half_was_held() -> None:
    one = row("a", bins(b100=4, b101=4, b102=4), bins(b101=1, b102=2), judged=101)
    other = row("b <i>", bins(b102=1), bins())

    drawn = "".join(heat(found(one, other)))

    full = sum(shapes(drawn, f"full-{level}") for level in range(1, 6))
    held = sum(shapes(drawn, f"held-{level}") for level in range(1, 6))
    assert (full, held) == (3, 1)
    assert shapes(drawn, "full-5") == 2
    assert len(of(drawn, "onset")) == 1
    assert {"a", "b <i>"} <= set(texts(drawn))


def test_many_accounts_go_without_names() -> None:
    rows = [row(f"account-{n}", bins(b5=1), bins()) for n in range(40)]
    assert not [text for text in texts("".join(heat(found(*rows)))) if text.startswith("account")]


def test_a_fortnight_of_ninety_accounts_stays_small() -> None:
    rows = [row(f"a{n}", [1 + (n + at) % 3 for at in range(336)], [0] * 336) for n in range(96)]
    assert sum(map(len, heat(found(*rows)))) < 400_000


def test_the_window_is_what_was_busy_with_a_little_beside_it() -> None:
    assert window(bins(b100=1, b110=1)) == (98, 113)
    assert window(bins(b0=1, b335=1)) == (0, 336)
    assert window(bins()) == (333, 336)

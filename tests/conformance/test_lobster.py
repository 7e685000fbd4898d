"""A replay of NASDAQ's messages: on a small file of our own, and on the real one where it lies beside the project."""

import gzip
from pathlib import Path

import pytest

from clearspec_conformance.adapters.lobster import replay

SMALL = """\
34200.1,1,11,100,5850000,1
34200.2,1,12,50,5850000,1
34200.3,1,21,70,5860000,-1
34200.4,4,11,60,5850000,1
34200.5,2,12,20,5850000,1
34200.6,4,11,40,5850000,1
34200.7,4,12,30,5850000,1
34200.8,5,0,10,5855000,1
34200.9,4,99,10,5850000,1
34201.0,3,98,10,5850000,1
34201.1,3,21,70,5860000,-1
"""
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "lobster"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "messages.csv"
    path.write_text(text)
    return path


def test_each_execution_meets_the_order_that_it_met(tmp_path: Path) -> None:
    found = replay(written(tmp_path, SMALL))
    assert (found.messages, found.executions, found.in_file, found.matched, found.crossed) == (11, 4, 3, 3, 0)
    assert found.not_sent == {
        "hidden execution": 1,
        "execution of an order older than the file": 1,
        "cancellation of an order older than the file": 1,
    }
    assert found.ok


def test_a_wrong_order_is_a_mismatch_once(tmp_path: Path) -> None:
    # NASDAQ fills 12 while 11 stands before it: the file does not show the end of 11.
    lines = SMALL.splitlines()
    found = replay(written(tmp_path, "\n".join([*lines[:3], "34200.4,4,12,50,5850000,1", *lines[3:4]])))
    assert (found.in_file, found.matched) == (2, 1)
    assert found.mismatched == {"an earlier order at the same price, whose end the file does not show": 1}
    assert not found.ok


def test_a_submission_that_trades_is_counted(tmp_path: Path) -> None:
    first = SMALL.splitlines()[0]
    found = replay(written(tmp_path, f"{first}\n34200.2,1,22,10,5840000,-1\n"))
    assert found.crossed == 1
    assert not found.ok


def test_best_quotes_are_compared(tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    nothing = 9_999_999_999
    book.write_text(
        f"{nothing},0,5850000,100\n{nothing},0,5850000,150\n5860000,70,5850000,150\n5860000,70,5850000,90\n"
    )
    found = replay(written(tmp_path, "\n".join(SMALL.splitlines()[:5])), book)
    assert (found.quotes_compared, found.quotes_equal) == (5, 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("34200.1,1,11,100,5850000\n", "line 1: 5 fields, expected 6"),
        ("34200.1,9,11,100,5850000,1\n", "line 1: type 9"),
        ("34200.1,1,11,1e5,5850000,1\n", "line 1: size '1e5' is not a whole number"),
        ("34200.1,1,11,-5,5850000,1\n", "must be positive"),
        ("34200.1,1,11,100,5850000,2\n", "direction 2"),
        ("x" * 300 + "\n", "longer than"),
        ("34200.1,1,11,100,\u00e9,1\n", "not a text file"),
    ],
)
def test_a_file_of_another_format_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replay(written(tmp_path, text))


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv.gz"
    path.write_bytes(gzip.compress(SMALL.encode())[:-9])
    with pytest.raises(ValueError, match="gzip"):
        replay(path)


def test_the_first_half_hour_of_apple() -> None:
    files = sorted(REAL.glob("AAPL_2012-06-21_34200000_*.csv.gz"))
    if not files:
        pytest.skip("the LOBSTER sample files are not beside the project")
    found = replay(files[0], files[1])
    assert found.messages == 42_203
    assert (found.in_file, found.matched, found.crossed) == (2_067, 2_048, 0)
    assert found.quotes_equal >= 0.99 * found.quotes_compared
    assert found.ok

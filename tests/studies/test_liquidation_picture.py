"""The picture: readable by its words, and the same bytes for the same study."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from clearspec_cli.main import run
from clearspec_studies.liquidation_time import sized, study

pytest.importorskip("matplotlib")
from clearspec_studies.liquidation_picture import picture

PAGES = Path(__file__).parents[2] / "docs" / "exchange"


def words(svg: bytes) -> list[str]:
    return [each.text for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_says_what_it_shows():
    found = words(picture(study(sized(1_000), runs=500, seed=0), "svg"))
    assert "How long a liquidation takes" in found
    assert "1,000 lots in 10 slices, a loop each second with probability 0.5; 500 simulated" in found
    assert "law: 58.8 % within 20 s" in found
    assert {"seconds from entry into liquidation until the position is closed", "share of liquidations"} <= set(found)


def test_the_page_shows_the_figures_and_the_picture_of_the_command(tmp_path, capsys):
    fresh = tmp_path / "time.svg"
    assert run(["study", "liquidation-time", "--plot", str(fresh)]) == 0
    table = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()[:11])
    assert "over within 20 s" in table
    assert table in (PAGES / "liquidation-time.md").read_text()
    assert words(fresh.read_bytes()) == words((PAGES / "liquidation-time.svg").read_bytes())


def test_shows_no_late_ones_where_hardly_any_are():
    found = words(picture(study(sized(1), runs=1, seed=0), "svg"))
    assert "1 lot in 1 slice, a loop each second with probability 0.5; 1 simulated" in found
    assert "simulated: 100.0 % within 20 s" in found
    assert not [each for each in found if "later" in each]


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_is_the_same_in_another_process(kind, start):
    program = (
        "import sys; from clearspec_studies.liquidation_time import sized, study;"
        "from clearspec_studies.liquidation_picture import picture;"
        f"sys.stdout.buffer.write(picture(study(sized(50), runs=300, seed=4), {kind!r}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert told.startswith(start)
    assert told == picture(study(sized(50), runs=300, seed=4), kind)
    assert told != picture(study(sized(50), runs=300, seed=5), kind)

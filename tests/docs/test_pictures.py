"""The pictures of the documentation are made by the scripts beside them, from real output."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.support.readme import ROOT

SCRIPT = ROOT / "docs" / "pictures" / "crashtest.py"
SVG = "{http://www.w3.org/2000/svg}"


def words(picture: Path) -> str:
    """Return the text of an SVG; parsing fails if it is not well-formed."""
    parts = ("".join(text.itertext()) for text in ET.parse(picture).iter(f"{SVG}text"))
    return " ".join(parts).replace("\N{NO-BREAK SPACE}", " ")


def check_words(picture: Path) -> None:
    shown = words(picture)
    for expected in ("chatgptfree-mock crashtest", "silent loss:", "answers delivered: ", "failures reported: "):
        assert expected in shown


@pytest.mark.timeout(300)
@pytest.mark.other_clients
def test_the_script_draws_the_picture_anew(tmp_path: Path) -> None:
    drawn = tmp_path / "crashtest.svg"
    subprocess.run([sys.executable, SCRIPT, drawn], check=True, timeout=280)
    check_words(drawn)


def test_the_picture_shows_losses_and_scores() -> None:
    check_words(SCRIPT.with_suffix(".svg"))


def test_the_picture_loads_nothing() -> None:
    source = SCRIPT.with_suffix(".svg").read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://(?!api\.openai\.com)|@import|url\((?!#)", source)

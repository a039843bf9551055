"""A crash test in pytest on other machines: pytest-xdist's remote workers, over ssh to this machine."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import pytest
from tests.support import tapes

pytestmark = [pytest.mark.other_clients, pytest.mark.timeout(600)]

MACHINES: Final = ("one", "two")
# It loses what is behind a cut in silence, so that there are failures to compare as well.
TEST: Final = """
import os, urllib.request, pytest

@pytest.mark.chat_site(pack="recorded", cassette="tapes/poem.yaml")
@pytest.mark.chat_variants("framing/*", "cut/ended-*")
def test_a_poem(chat_site, chat_variant, record_property):
    record_property("folder", os.getcwd())
    with urllib.request.urlopen(f"{chat_site.url}/poem") as response:
        lines = response.read().decode().splitlines()
    assert "".join(line[6:] for line in lines if line.startswith("data: ")) == "rosesviolets[DONE]"
"""
POEM: Final = tapes.exchange(
    "GET", "https://poems.example.com/poem", "".join(map(tapes.event, ("roses", "violets", "[DONE]")))
)
SSHD_CONFIG: Final = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
"""
# sshd is started for each connection: that takes no port, and leaves nothing to end.
SSH_CONFIG: Final = """
Host {machines}
  ProxyCommand {sshd} -i -f {folder}/sshd_config -E {folder}/sshd.log
  User {user}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile {folder}/known_hosts
  LogLevel ERROR
"""


@pytest.fixture
def ssh_config(tmp_path: Path) -> Path:
    """Return the file with which `ssh` reaches this machine by the names of `MACHINES`."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    assert sshd is not None, "install openssh-server"
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8): where it locks itself in before a login
    folder = tmp_path / "ssh"
    folder.mkdir()
    for name in ("host_key", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "sshd_config").write_text(SSHD_CONFIG.format(folder=folder))
    text = SSH_CONFIG.format(machines=" ".join(MACHINES), sshd=sshd, folder=folder, user=getpass.getuser())
    (folder / "ssh_config").write_text(text)
    return folder / "ssh_config"


def project(folder: Path) -> Path:
    (folder / "tapes").mkdir(parents=True)
    (folder / "test_poem.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    tapes.write(folder / "tapes" / "poem.yaml", POEM)
    return folder


def results(folder: Path, *options: str) -> tuple[dict[str, str], set[str]]:
    """Run the tests of *folder* and return what became of each, and the folders in which they ran."""
    report = folder / "report.xml"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *options]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    cases = list(ET.parse(report).iter("testcase"))
    found = {
        case.get("name", ""): " ".join(part.get("message", "") for part in case if part.tag != "properties")
        for case in cases
    }
    assert len(found) == len(cases)
    return found, {part.get("value", "") for case in cases for part in case.iter("property")}


def test_two_machines_find_what_one_finds(tmp_path: Path, ssh_config: Path) -> None:
    here = project(tmp_path / "here")
    expected, folders = results(here, "-n", "0")
    assert folders == {str(here)}
    assert any(expected.values())
    assert not all(expected.values())
    there = [project(tmp_path / machine) for machine in MACHINES]
    gateways = [
        f"--tx=ssh={machine}//ssh_config={ssh_config}//python={sys.executable}//chdir={folder}"
        for machine, folder in zip(MACHINES, there, strict=True)
    ]
    found, folders = results(here, "--dist", "load", *gateways)
    assert found == expected
    assert folders == set(map(str, there))

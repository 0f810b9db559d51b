"""The server's own key."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.conch.ssh.keys import Key

from chatproto.doors.ssh.keys import FILE, fingerprint, host_key
from chatproto.errors import CannotStart
from running import needs

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = host_key(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert host_key(tmp_path) == key
    assert key.sshType() == b"ssh-ed25519"


def test_what_a_power_cut_left_unfinished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_text("half a k")
    assert host_key(tmp_path) == host_key(tmp_path)


def test_without_a_folder_it_is_another_each_time() -> None:
    assert host_key(None) != host_key(None)


def test_the_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    key = host_key(tmp_path)
    told = subprocess.run(
        [needs("ssh-keygen"), "-lf", str(tmp_path / FILE)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert fingerprint(key) in told.split()


@pytest.mark.parametrize("text", ["", "my shopping list", "-----BEGIN OPENSSH PRIVATE KEY-----\nx"])
def test_a_file_that_holds_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(CannotStart) as caught:
        host_key(tmp_path)
    assert str(tmp_path / FILE) in str(caught.value.sentence)


def test_a_key_that_others_may_read(tmp_path: Path) -> None:
    host_key(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(CannotStart, match="chmod 600"):
        host_key(tmp_path)


@pytest.mark.parametrize("kind", ["rsa", "public"])
def test_a_key_of_another_kind(tmp_path: Path, kind: str) -> None:
    other = Key(rsa.generate_private_key(65537, 2048)) if kind == "rsa" else host_key(None).public()
    (tmp_path / FILE).write_bytes(other.toString("openssh"))
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(CannotStart, match="no private ed25519 key"):
        host_key(tmp_path)

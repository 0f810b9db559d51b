"""The server's own key: made at the first start, readable by its owner alone.

Must not know channels or sessions.  Source: RFC 8709 (ed25519 in SSH); the file is named and guarded as sshd does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.conch.ssh.keys import BadKeyError, EncryptedKeyError, FingerprintFormats, Key

from chatproto.errors import CannotStart, reason
from chatproto.language import Sentence, _

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "ssh_host_ed25519_key"
_NO_KEY: Final = _("it is no private ed25519 key")


def host_key(folder: Path | None) -> Key:
    """Return the key kept in the folder, made if there is none; without a folder one for this run.

    Raise CannotStart when the file is there and cannot be used.
    """
    if folder is None:
        return Key(Ed25519PrivateKey.generate())
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise _unusable(path, _("others may read it; chmod 600 it"))
        key: Key = Key.fromString(path.read_bytes())
    except OSError as error:
        raise _unusable(path, reason(error)) from error
    except EncryptedKeyError as error:
        raise _unusable(path, _("it has a passphrase, and must have none")) from error
    except (BadKeyError, ValueError):  # these quote what is in the file
        raise _unusable(path, _NO_KEY) from None
    if key.isPublic() or key.type() != "Ed25519":
        raise _unusable(path, _NO_KEY)
    return key


def _unusable(path: Path, why: str | Sentence) -> CannotStart:
    return CannotStart(
        _("{path} cannot be used as the key of the SSH door: {reason}.", path=path, reason=why)
    )


def _make(path: Path) -> None:
    """Make a key.  Its file gets its name once it is whole, so that a power cut leaves no half of one."""
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def fingerprint(key: Key) -> str:
    """Return the fingerprint as `ssh` shows it."""
    return "SHA256:" + str(key.fingerprint(FingerprintFormats.SHA256_BASE64)).rstrip("=")

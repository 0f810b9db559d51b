"""The names of Twisted and conch that are used although their documentation does not promise them, and why.

An upgrade may take them away without a word; `tests/test_twisted_privates.py` then says which is missing, and
fails when another private name is used.  A name that begins with an underscore is private; the others are public by
their spelling alone.
Must not know Twisted or anything else of ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Private(NamedTuple):
    """A name, the classes of Twisted that define it, and what it is needed for."""

    name: str
    owners: tuple[str, ...]
    why: str


PRIVATES: Final = (
    Private(
        "_tempDataLen",
        ("twisted.internet.abstract.FileDescriptor",),
        "with the two below, how much a transport holds: whether a slow peer has taken anything (wire.py)",
    ),
    Private(
        "dataBuffer",
        ("twisted.internet.abstract.FileDescriptor",),
        "what a transport is sending; the two are added up",
    ),
    Private(
        "offset",
        ("twisted.internet.abstract.FileDescriptor",),
        "how much of that has gone",
    ),
    Private(
        "_log",
        (
            "twisted.conch.ssh.channel.SSHChannel",
            "twisted.conch.ssh.factory.SSHFactory",
            "twisted.conch.ssh.service.SSHService",
            "twisted.conch.ssh.transport.SSHTransportBase",
        ),
        "conch logs whatever a peer does; a scanner would fill the operator's log (doors/ssh/quiet.py)",
    ),
    Private(
        "buf",
        ("twisted.conch.ssh.channel.SSHChannel",),
        "what waits for the client's window: a channel that has some is choked",
    ),
    Private(
        "extBuf",
        ("twisted.conch.ssh.channel.SSHChannel",),
        "the same of the error output: a channel is closed when both are sent",
    ),
    Private(
        "closing",
        ("twisted.conch.ssh.channel.SSHChannel",),
        "conch closes a channel that has it once `buf` and `extBuf` are sent",
    ),
)

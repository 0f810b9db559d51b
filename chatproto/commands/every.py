"""Every command there is: the table that the server gives to its sessions.

Must not know doors or the core.
"""

from __future__ import annotations

from typing import Final

from chatproto.commands.help import GUIDE
from chatproto.commands.history import HISTORY
from chatproto.commands.people import PEOPLE
from chatproto.commands.rooms import ROOMS
from chatproto.commands.table import Table
from chatproto.commands.talking import TALKING
from chatproto.commands.yourself import YOURSELF

COMMANDS: Final = Table((TALKING, ROOMS, PEOPLE, HISTORY, YOURSELF, GUIDE))

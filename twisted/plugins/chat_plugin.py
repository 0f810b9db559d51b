"""Tells twistd that there is a command called `chat`; everything else is in chatproto.tap."""

from twisted.application.service import ServiceMaker

chat = ServiceMaker(
    "Chat",
    "chatproto.tap",
    "A chat that anything can join: telnet, nc, a homework client.",
    "chat",
)

"""The chat itself: which member is in which room, and what each may do.

Must not know sockets, the reactor, the clock (it is passed in), SQL, commands or how it looks.
"""

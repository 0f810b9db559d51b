"""The chat itself: who is where, who may do what.

Must not know sockets, the reactor, the clock (it is passed in), SQL, commands or how it looks.
"""

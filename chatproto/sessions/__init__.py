"""Sessions: one person each, from the first thing that comes to the last.

Must not know doors or sockets.
"""

"""The log: every durable event, numbered, in one order, on disk before anybody sees it.

Must not know who is reading, or what a command is.
"""

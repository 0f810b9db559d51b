"""The log: every durable event, numbered, in one order, on disk before anybody sees it.

Must not know readers or commands.
"""

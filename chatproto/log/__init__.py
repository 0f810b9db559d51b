"""The log: every durable event, numbered, in one order, on disk before any reader sees it.

Must not know readers or commands.
"""

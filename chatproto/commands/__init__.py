"""Slash commands: one layer over the chat, for doors where people type.

A command is a row in the table of its subject; `/help` and docs/commands.md are made from the rows.
Must not know doors.
"""

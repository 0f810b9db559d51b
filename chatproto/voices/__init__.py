"""Voices: how events read for one kind of reader.  Equal voices share one rendering.

Must not know sockets, readers or members.
"""

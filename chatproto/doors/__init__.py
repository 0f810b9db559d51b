"""Doors: the ways in.  Each turns bytes into a session's lines, and has a voice and a wire for the way back.

No door knows another door.
"""

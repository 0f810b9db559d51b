"""Delivery: brings what happened to everybody who reads it.

What became durable together is one batch.  It is rendered once per voice, and all readers of that voice are sent the
same bytes object.  Only who spoke in it, is addressed in it, ignores somebody or reads several of its rooms gets bytes
of their own.

A reader is a cursor.  While everything sent is taken it is *live* and needs no attention.  When its connection does not
take a batch whole it is *behind*: nothing more is sent until the rest is out; then it reads on from its cursor, first
from the tail of batches in memory, else from the log, until it is level and live again.
So a reader who never reads costs the rest of one batch, and nobody else's time.
Must not know what a command is, or how a line looks.
"""

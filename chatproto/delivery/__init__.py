"""Delivery: brings what happened to all its readers.

What became durable together is one batch.  It is rendered once per voice, and all readers of that voice are sent the
same bytes object.  Only a reader who spoke in it, is addressed in it, ignores some member or reads several of its rooms
gets bytes of its own.

A reader is a cursor.  While everything sent is taken it is *live* and needs no attention.  When its connection does not
take a batch whole it is *behind*: nothing more is sent until the rest is out; then it reads on from its cursor, first
from the tail of batches in memory, else from the log, until it is level and live again.
So a peer that never reads costs the rest of one batch, and the other readers no time.

    delivery    the readers, by seat and room; the audience of the chat
    crowds      many who came or went, in one line, for the voices that gather
    fanout      a batch to all who read it
    batch       what happened together, and the tail of the newest batches
    mentions    the members named in it
    groups      the live readers, by how they read
    selection   what one reader reads of it
    renderings  how it looks, made once for each way of reading; `rendered`, of which a fault costs one event
    catchup     readers whose cursor lags
    reader      one cursor, and what is sent to one reader alone
    pages       a range of the past on its way to one reader

Must not know commands or how it looks.
"""

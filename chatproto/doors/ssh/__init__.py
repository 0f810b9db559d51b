"""The SSH door: `ssh -p 8022 NAME@host`.

    factory         what listens: the key, the portal
    transport       the packets of one connection (RFC 4253)
    exchange        the exchange of keys: the order of its packets, the algorithms, strict KEX (RFC 4253 section 7)
    flow            when the socket is read, and whether it takes more
    grace, pulse    how long logging in may take; whether a silent client is there
    disconnection   that a connection ends when it should (RFC 4253 section 11.1)
    userauth        how a client asks to log in (RFC 4252, 4256)
    portal          which clients may log in: any, with a key or without one
    connection      what is opened on it: one session and nothing else (RFC 4254)
    channel         the session's requests: a terminal, its size, a shell (RFC 4254 section 6)
    stream          the session's channel in the shape of a Twisted transport
    sessions        the two protocols that it speaks: lines from a pipe, or keys from a terminal
    keys, algorithms, environment, quiet   tables and small parts

conch is slow to import, and imports the reactor: nothing in here is imported before such a door is opened.
No other door knows this one.  Must not know telnet.
"""

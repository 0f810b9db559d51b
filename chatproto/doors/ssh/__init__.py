"""The SSH door: `ssh -p 8022 NAME@host`.

    factory      what listens: the key, who may come, the limits
    transport    one connection: which algorithms, how many packets, how long it may take (RFC 4253)
    exchange     the exchange of keys: in which order packets may come, strict KEX (RFC 4253 section 7)
    pulse        whether a silent client is there
    guests       who comes: anybody, by a key or by none (RFC 4252, 4256)
    connection   what is opened on it: one session and nothing else (RFC 4254)
    channel      the session's requests: a terminal, its size, a shell (RFC 4254 section 6)
    stream       the session's channel in the shape of a Twisted transport
    visits       what stands behind it: lines from a pipe, or keys from a terminal
    keys, algorithms, environment, quiet   tables and small parts

conch is slow to import, and imports the reactor: nothing in here is imported before such a door is opened.
No other door knows this one.
"""

"""The telnet door.

    parser      bytes in; text, commands and negotiations out (RFC 854, 855)
    options     what each side does, as it was agreed (RFC 1143)
    terminals   which peers are terminals (RFC 1091)
    protocol    one connection: lines, or keys for the editor

Must not know SSH.
"""

"""The telnet door: a parser without I/O, the options it agrees to, and the protocol."""

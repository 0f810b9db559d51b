"""A chat that anything can join."""

__version__ = "0.1.0"

"""The servers of the field, side by side: the same work, on the same machine, in one run."""

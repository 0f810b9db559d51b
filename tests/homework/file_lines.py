"""Treats the socket as a file with makefile(): reads whole lines, writes lines that end in CR LF."""
# mypy: ignore-errors

import os
import sys
import time
from socket import create_connection
from threading import Thread


def print_lines(reader):
    for line in reader:
        print("<<", line.rstrip("\r\n"))


def main():
    host, port, *name = sys.argv[1:]
    with create_connection((host, int(port))) as connection:
        reader = connection.makefile("r", encoding="utf-8")
        writer = connection.makefile("w", encoding="utf-8", newline="\r\n")
        Thread(target=print_lines, args=(reader,), daemon=True).start()
        for line in name:
            writer.write(line + "\n")
            writer.flush()
        for line in sys.stdin:
            writer.write(line)
            writer.flush()
        time.sleep(float(os.environ.get("GRACE", "1")))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # otherwise it waits for the reader

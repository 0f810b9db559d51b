"""The classic: an input() loop and a recv thread; no newlines, whatever recv() gives is a message."""
# mypy: ignore-errors

import os
import socket
import sys
import threading
import time

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect((sys.argv[1], int(sys.argv[2])))


def recv():
    while True:
        data = s.recv(1024)
        if not data:
            break
        print(data.decode())


t = threading.Thread(target=recv)
t.daemon = True
t.start()

if len(sys.argv) > 3:
    s.send(sys.argv[3].encode())

while True:
    try:
        msg = input()
    except EOFError:
        break
    s.send(msg.encode())

time.sleep(float(os.environ.get("GRACE", "1")))
s.close()

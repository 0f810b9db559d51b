"""No threads at all: one select() over the keyboard and the socket; forwards the bytes it reads."""
# mypy: ignore-errors

import os, select, socket, sys, time

BUFSIZE = 4096
KEYBOARD = 0

sock = socket.socket()
sock.connect((sys.argv[1], int(sys.argv[2])))
if len(sys.argv) == 4:
    sock.sendall(bytes(sys.argv[3] + "\n", "utf8"))

inputs = [KEYBOARD, sock]
end = None
while end is None or time.time() < end:
    readable, _, _ = select.select(inputs, [], [], 0.1)
    if sock in readable:
        data = sock.recv(BUFSIZE)
        if data == b"":
            sys.stdout.write("\nDisconnected from chat server\n")
            sys.exit()
        os.write(1, data)
    if KEYBOARD in readable:
        data = os.read(KEYBOARD, BUFSIZE)
        if data:
            sock.sendall(data)
        else:
            inputs.remove(KEYBOARD)
            end = time.time() + float(os.environ.get("GRACE", "1"))

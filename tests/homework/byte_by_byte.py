"""A class that sends every message one byte at a time, a few milliseconds apart, and reads so too."""
# mypy: ignore-errors

import os
import socket
import sys
import threading
import time


class ChatClient:
    def __init__(self, host, port):
        self.host = host
        self.port = int(port)
        self.socket = None
        self.running = False

    def connect(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.connect((self.host, self.port))
        self.running = True
        threading.Thread(target=self.receive_messages, daemon=True).start()

    def send_message(self, message):
        for number in message.encode("utf-8"):
            self.socket.send(bytes([number]))
            time.sleep(0.003)

    def receive_messages(self):
        buffer = b""
        while self.running:
            byte = self.socket.recv(1)
            if byte == b"\n" or not byte:
                print("Received:", buffer.decode("utf-8"))
                buffer = b""
            else:
                buffer += byte
            if not byte:
                self.running = False

    def run(self, name=None):
        self.connect()
        if name:
            self.send_message(name + "\n")
        for line in sys.stdin:
            if not self.running:
                break
            self.send_message(line)
        time.sleep(float(os.environ.get("GRACE", "1")))
        self.running = False
        self.socket.close()


if __name__ == "__main__":
    client = ChatClient(sys.argv[1], sys.argv[2])
    client.run(*sys.argv[3:4])

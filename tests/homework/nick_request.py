"""The video tutorial: sends its name only when asked with 'NICK'; "name: text", no newline."""
# mypy: ignore-errors

import os
import socket
import sys
import threading
import time

nickname = sys.argv[3] if len(sys.argv) > 3 else "anonymous"

# Connecting To Server
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((sys.argv[1], int(sys.argv[2])))


# Listening to Server and Sending Nickname
def receive():
    while True:
        try:
            # Receive Message From Server
            # If 'NICK' Send Nickname
            message = client.recv(1024).decode("utf-8")
            if message == "NICK":
                client.send(nickname.encode("utf-8"))
            elif message == "":
                break
            else:
                print(message)
        except:
            # Close Connection When Error
            print("An error occured!")
            client.close()
            break


# Sending Messages To Server
def write():
    for line in sys.stdin:
        message = "{}: {}".format(nickname, line.strip())
        client.send(message.encode("utf-8"))
    time.sleep(float(os.environ.get("GRACE", "1")))


# Starting Threads For Listening And Writing
receive_thread = threading.Thread(target=receive, daemon=True)
receive_thread.start()

write_thread = threading.Thread(target=write)
write_thread.start()

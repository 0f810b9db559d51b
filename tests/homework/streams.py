"""asyncio streams: awaits whole lines from the server, and stdin in an executor."""
# mypy: ignore-errors

import asyncio
import os
import sys
from datetime import datetime


async def listen(reader: asyncio.StreamReader):
    while line := await reader.readline():
        print(f"[{datetime.now():%H:%M}] {line.decode().strip()}")
    print("*** connection closed ***")


async def talk(writer: asyncio.StreamWriter):
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        writer.write(line.encode())
        await writer.drain()


async def main(host, port, name=None):
    reader, writer = await asyncio.open_connection(host, port)
    listener = asyncio.create_task(listen(reader))
    if name:
        writer.write(f"{name}\n".encode())
    await talk(writer)
    await asyncio.sleep(float(os.environ.get("GRACE", "1")))
    listener.cancel()
    writer.close()


asyncio.run(main(*sys.argv[1:]))

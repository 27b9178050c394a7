"""A TCP proxy that can be told to misbehave; one process, many links, told by lines of JSON.

`python -m tests.chaos.proxy '{"sales.postgres": ["127.0.0.1", 5432], ...}'` prints the port of each
link, then reads orders {"link", "mode", "value"} from its standard input and answers "ok" to each.
It ends with its input. Modes: see MODES.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Mapping
from typing import Any, cast

MODES = {
    "pass": "as if it were not there",
    "stall": "nothing moves in either direction; what is under way arrives when it ends",
    "delay": "everything arrives `value` seconds late",
    "throttle": "`value` bytes a second",
    "cut": "every connection is closed, new ones are closed at once",
    "reset": "every connection is reset; new ones work",
    "half-open": "the far side is gone, the near side is not told; new connections find nobody",
    "one-way": "what is asked arrives, what is answered is swallowed",
}
_RESET = struct.pack("ii", 1, 0)


class Side(asyncio.Protocol):
    """One end of a connection; `other` is where its bytes go."""

    def __init__(self, link: "Link", *, near: bool) -> None:
        self.link, self.near = link, near
        self.other: Side | None = None
        self.transport: asyncio.Transport | None = None
        self.waiting: list[bytes] = []
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.near:
            self.link.sides.add(self)
            self.link.arrived(self)

    def data_received(self, data: bytes) -> None:
        self.link.carry(self, data)

    def pause_writing(self) -> None:
        if self.other and self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other and self.other.transport and self.link.mode != "stall":
            self.other.transport.resume_reading()

    def connection_lost(self, _: Exception | None) -> None:
        self.ended = True
        self.link.sides.discard(self)
        if self.other and not self.other.ended and self.link.mode not in {"half-open", "stall"}:
            self.link.later(self.other.close)

    def write(self, data: bytes) -> None:
        if self.transport is None:
            self.waiting.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def close(self) -> None:
        if self.transport:
            self.transport.close()

    def reset(self) -> None:
        """End without a farewell: the peer gets a reset."""
        if self.transport:
            plain: Any = self.transport.get_extra_info("socket")
            if plain is not None and plain.fileno() >= 0:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()


class Link:
    """One target behind one port."""

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name, self.host, self.port = name, host, port
        self.mode, self.value = "pass", 0.0
        self.sides: set[Side] = set()
        self.free_at = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Side(self, near=True), "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    def arrived(self, near: Side) -> None:
        """A client connected: reach the target unless the mode says otherwise."""
        if self.mode == "cut":
            near.reset()
        elif self.mode == "stall" and near.transport:
            near.transport.pause_reading()
        elif self.mode != "half-open":
            self._reach(near)

    def _reach(self, near: Side) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(near))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _connect(self, near: Side) -> None:
        far = near.other = Side(self, near=False)
        far.other = near
        try:
            await asyncio.get_running_loop().create_connection(lambda: far, self.host, self.port)
        except OSError:
            near.reset()
            return
        self.sides.add(far)
        for data in far.waiting:
            far.write(data)
        far.waiting.clear()

    def carry(self, side: Side, data: bytes) -> None:
        """Move bytes to the other side in the present mode."""
        if self.mode == "half-open" or (self.mode == "one-way" and not side.near):
            return
        other = side.other
        if other is None:
            return  # it came while nobody was there to take it
        if self.mode == "stall":
            other.waiting.append(data)
            return
        self.later(lambda: other.write(data), size=len(data))

    def later(self, action: Any, *, size: int = 0) -> None:
        """Do it in its turn: at once, or as late as the mode wants."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        due = now
        if self.mode == "delay":
            due = now + self.value
        elif self.mode == "throttle":
            due = max(now, self.free_at) + size / self.value
        due = self.free_at = max(due, now, self.free_at)
        if due <= now:
            action()
        else:
            loop.call_at(due, action)

    def become(self, mode: str, value: float) -> None:
        """Change the mode."""
        before, self.mode, self.value = self.mode, mode, value
        if mode == "half-open":
            for side in tuple(self.sides):
                if not side.near:
                    side.close()
        elif mode in {"cut", "reset"}:
            for side in tuple(self.sides):
                side.reset()
            self.mode = "pass" if mode == "reset" else mode
        elif mode == "stall":
            self._reading(on=False)
        if before == "stall" and mode != "stall":
            self._resume()
        elif before in {"half-open", "one-way"} and mode == "pass":
            for side in tuple(self.sides):
                side.reset()

    def _resume(self) -> None:
        for side in tuple(self.sides):
            if side.near and side.other is None:
                self._reach(side)
            elif side.other is None or side.other.ended:
                side.close()
            elif side.transport is not None:
                waiting, side.waiting = side.waiting, []
                for data in waiting:
                    side.write(data)
        self._reading(on=True)

    def _reading(self, *, on: bool) -> None:
        for side in self.sides:
            if side.transport and not side.transport.is_closing():
                (side.transport.resume_reading if on else side.transport.pause_reading)()


async def serve(targets: Mapping[str, tuple[str, int]]) -> None:
    """Run every link until the input ends."""
    links = {name: Link(name, host, int(port)) for name, (host, port) in targets.items()}
    print(json.dumps({name: await link.listen() for name, link in links.items()}), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        chosen = links.values() if order["link"] == "*" else [links[order["link"]]]
        for link in chosen:
            link.become(order["mode"], float(order.get("value") or 0))
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))

"""The intake alone: updates delivered by webhook, as many at once as Telegram delivers, until each is acknowledged."""

import asyncio
from collections import deque
from dataclasses import dataclass

import msgspec

from benchmarks.contenders import Stage

MESSAGES, CUSTOMERS, CONNECTIONS = 2000, 500, 40
_PATH = "/telegram/webhook"
_WITHIN = 60.0
_LOOK_AGAIN = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorMeasured:
    """CPU is in milliseconds a message, p50 and p99 (from its delivery to its acknowledgement) in milliseconds."""

    contender: str
    messages: int
    per_second: float
    program: float
    database: float
    p50: float
    p99: float


async def deliver(stage: Stage, first: int) -> DoorMeasured:
    """Deliver updates numbered from `first`."""
    requests = deque(_request(stage, number) for number in range(first, first + MESSAGES))
    took: list[float] = []
    before = await stage.process.used()
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(_WITHIN), asyncio.TaskGroup() as connections:
        for _ in range(CONNECTIONS):
            connections.create_task(_deliver(stage.port, requests, took))
    seconds = loop.time() - began
    used = (await stage.process.used()).since(before)
    took.sort()
    return DoorMeasured(
        contender=stage.contender.name,
        messages=MESSAGES,
        per_second=MESSAGES / seconds,
        program=1000 * used.program / MESSAGES,
        database=1000 * used.database / MESSAGES,
        p50=1000 * took[len(took) // 2],
        p99=1000 * took[len(took) * 99 // 100],
    )


async def opened(stage: Stage) -> None:
    """Wait until the contender's door is open."""
    while True:
        stage.process.check()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", stage.port)
        except OSError:
            await asyncio.sleep(_LOOK_AGAIN)
            continue
        writer.close()
        return


def _request(stage: Stage, number: int) -> bytes:
    customer = 1_000_000 + number % CUSTOMERS
    person = {"id": customer, "first_name": f"C{customer}", "language_code": "en"}
    message = {
        "message_id": number,
        "from": person | {"is_bot": False},
        "chat": person | {"type": "private"},
        "date": 1_790_000_000,
        "text": f"where is my order m-{customer}-{number}",
    }
    body = msgspec.json.encode({"update_id": number, "message": message})
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {stage.secret}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _deliver(port: int, requests: deque[bytes], took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    try:
        while requests:
            began = loop.time()
            writer.write(requests.popleft())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"an update was refused: {answer.splitlines()[0]!r}")
            took.append(loop.time() - began)
    finally:
        writer.close()

"""The first yardstick: a trivial aiogram bot that polls and answers each text with itself. It keeps nothing."""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    """Say what was said."""
    await message.answer(message.text or "")


async def main() -> None:
    """Poll until ended."""
    server = TelegramAPIServer.from_base(os.environ["BENCH_API_URL"])
    bot = Bot(os.environ["BENCH_TOKEN"], session=AiohttpSession(api=server))
    dispatcher = Dispatcher()
    dispatcher.message.register(echo)
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())

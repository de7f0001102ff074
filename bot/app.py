"""The one composition root: every concrete class is named here and wired by plain constructor arguments."""

import asyncio
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot import clock
from bot.attachments import Attachments
from bot.clock import Clock
from bot.doorbell import Doorbell, open_doorbell
from bot.hatch import Hatch, SenderHatch
from bot.intake import Intake
from bot.metrics import Metrics
from bot.parsing import Parser
from bot.roles import Role
from bot.rulebook import Rulebook, open_rulebook
from bot.schedule import Schedule, Ticks
from bot.sender import Sender, SendLimits
from bot.settings import Settings
from bot.submit import Submit
from bot.tagger import LEARNT_FROM, known_intents, open_understander
from bot.telegram import Telegram, connect
from bot.threads import Threads
from bot.version import VERSION
from bot.web import Doors, Webhook, serve
from bot.worker import Worker, WorkLimits
from channels.base import Channel
from channels.webchat.channel import WebChatChannel
from channels.webchat.chat import WebChat
from channels.webchat.pages import spoken
from console.ports import Api, Console, OpenAttachment, OpenedFile
from desk.readings import Correction
from handlers.scene import Rules
from lifecycle.configuration import Configuration
from nlp.pages import read_pages
from store import corrections, keepsakes
from store.database import Database, SqliteDatabase, open_database
from store.files import FileStore
from store.inbox import ClaimedRows
from store.recovery import free_all_leases
from store.transcript import DatabaseTranscript

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Everything that was built, for the roles to take from."""

    settings: Settings
    now: Clock
    database: Database
    bell: Doorbell
    rulebook: Rulebook
    files: FileStore
    to_worker: Hatch[ClaimedRows]
    to_sender: SenderHatch
    channels: Mapping[str, Channel]
    telegram: Telegram | None
    intake: Intake
    metrics: Metrics
    corrections: Sequence[Correction]
    secret: bytes
    webhook_secret: str

    def rules(self) -> Rules:
        """The rules in force."""
        return self.rulebook.rules()


async def run(settings: Settings, configuration: Configuration, role: Role, on_ready: Callable[[str], None]) -> None:
    """Run a role until the process is told to end; `on_ready` is told the address once the doors are open."""
    async with build(settings, configuration) as house:
        stop = _on_signals()
        planned = works(house, role, on_ready)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(work) for work in planned]
            await stop.wait()
            for task in running:
                task.cancel()


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


@asynccontextmanager
async def build(settings: Settings, configuration: Configuration, now: Clock = clock.now) -> AsyncIterator[House]:
    """Open the database and the outside world; all is closed at the end. Everybody in the house goes by `now`."""
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        if isinstance(database, SqliteDatabase):
            await database.transaction(free_all_leases)
        bell = open_doorbell(settings.database_url.get_secret_value())
        rulebook = await open_rulebook(database, configuration, now())
        files = FileStore(database=database, folder=settings.files)
        telegram = await stack.enter_async_context(connect(settings, database, rulebook, files.path, now))
        webchat = WebChatChannel(ring=_async(bell.ring), now=now)
        channels: dict[str, Channel] = {webchat.name: webchat}
        if telegram is not None:
            channels[telegram.channel.name] = telegram.channel
        to_worker = Hatch[ClaimedRows]()
        yield House(
            settings=settings,
            now=now,
            database=database,
            bell=bell,
            rulebook=rulebook,
            files=files,
            channels=channels,
            telegram=telegram,
            to_worker=to_worker,
            to_sender=SenderHatch(),
            intake=Intake(database, bell.ring, now, to_worker),
            metrics=Metrics(),
            corrections=await _corrections(database, configuration),
            secret=(await _secret(database, "cookie_secret")).encode(),
            webhook_secret=await _webhook_secret(settings, database),
        )


async def _corrections(database: Database, configuration: Configuration) -> Sequence[Correction]:
    """What the model learns from at the start, and not before the next one."""
    intents = known_intents(configuration.company)
    return await database.read(lambda connection: corrections.newest(connection, intents, LEARNT_FROM))


async def _secret(database: Database, name: str) -> str:
    return await database.transaction(
        lambda connection: keepsakes.find_or_make(connection, name, lambda: secrets.token_urlsafe(48))
    )


async def _webhook_secret(settings: Settings, database: Database) -> str:
    if settings.telegram_secret is not None:
        return settings.telegram_secret.get_secret_value()
    return await _secret(database, "webhook_secret")


def _async(ring: Callable[[str], None]) -> Callable[[str], Awaitable[None]]:
    async def rung(topic: str) -> None:
        ring(topic)

    return rung


def works(house: House, role: Role, on_ready: Callable[[str], None]) -> list[Coroutine[None, None, None]]:
    """What a role does, each to be run until cancelled."""
    works: list[Coroutine[None, None, None]] = []
    if role in (Role.ALL, Role.WORKER):  # first: where the model is refused, nothing else was begun
        works.append(worker(house).run())
    works.append(house.bell.run())
    if role in (Role.ALL, Role.WEB):
        works.append(serve(house.settings, doors(house), on_ready))
        if house.telegram is not None and house.settings.public_url is None:
            works.append(house.telegram.poll(house.intake))
    if role in (Role.ALL, Role.SENDER):
        works.append(sender(house).run())
    if role in (Role.ALL, Role.SCHEDULER):
        works.append(_tick(house))
    return works


async def _tick(house: House) -> None:
    schedule = Schedule(database=house.database, files=house.files, now=house.now, ring=house.bell.ring, ticks=Ticks())
    schedule.start()
    try:
        await asyncio.Event().wait()
    finally:
        schedule.stop()


def worker(house: House) -> Worker:
    """The worker of this house."""
    settings, company = house.settings, house.rulebook.company()
    pages = read_pages(settings.config.parent / company.knowledge.folder)
    return Worker(
        database=house.database,
        parser=Parser(house.channels),
        understander=open_understander(settings, company, pages, house.corrections),
        rules=house.rules,
        now=house.now,
        ring=house.bell.ring,
        listen=house.bell.listen,
        metrics=house.metrics,
        limits=WorkLimits(lanes=settings.round_lanes, lease=timedelta(seconds=settings.lease_seconds)),
        from_intake=house.to_worker,
        to_sender=house.to_sender,
        on_moved=house.rulebook.move,
    )


def sender(house: House) -> Sender:
    """The sender of this house."""
    settings, telegram = house.settings, house.telegram

    def say_failed(reason: str) -> str:
        rules = house.rules()
        return rules.catalogue.say(rules.company.default_language, "room.not_shown", reason=reason)

    return Sender(
        database=house.database,
        channels=house.channels,
        threads=None if telegram is None else Threads(house.database, telegram.channel),
        company=house.rulebook.company,
        say_failed=say_failed,
        on_moved=house.rulebook.move,
        now=house.now,
        monotonic=clock.monotonic,
        ring=house.bell.ring,
        listen=house.bell.listen,
        metrics=house.metrics,
        limits=SendLimits(calls=settings.senders, lease=timedelta(seconds=2 * settings.lease_seconds)),
        from_worker=house.to_sender,
    )


def doors(house: House) -> Doors:
    """What the web application serves."""
    settings = house.settings
    attachments = Attachments(house.files, house.channels)
    submit = Submit(database=house.database, intake=house.intake, now=house.now, listen=house.bell.listen)
    return Doors(
        database=house.database,
        metrics=house.metrics,
        chat=_chat(house, attachments),
        console=_console(house, attachments, submit),
        api=_api(house, submit),
        webhook=_webhook(house),
        behind_proxy=settings.behind_proxy,
        is_alone=settings.public_url is None and not settings.behind_proxy,
    )


def _chat(house: House, attachments: Attachments) -> WebChat:
    settings, company = house.settings, house.rulebook.company()
    return WebChat(
        accept=house.intake.accept,
        listen=house.bell.listen,
        transcript=DatabaseTranscript(house.database),
        files=house.files,
        open_attachment=attachments.open_attachment,
        now=house.now,
        secret=house.secret,
        company=company.name,
        languages=spoken(company.languages),
        public_url=settings.public_url,
        embed_origins=settings.widget_origins,
    )


def _console(house: House, attachments: Attachments, submit: Submit) -> Console:
    settings = house.settings
    return Console(
        database=house.database,
        company=house.rulebook.configuration,
        submit=submit,
        listen=house.bell.listen,
        now=house.now,
        open_attachment=_opened(attachments),
        keep_file=house.files.keep,
        secure_cookies=(settings.public_url or "").startswith("https://"),
    )


def _api(house: House, submit: Submit) -> Api:
    token = house.settings.api_token
    return Api(
        database=house.database,
        company=house.rulebook.configuration,
        submit=submit,
        now=house.now,
        token=None if token is None else token.get_secret_value(),
        version=VERSION,
    )


def _webhook(house: House) -> Webhook | None:
    telegram, public_url = house.telegram, house.settings.public_url
    if telegram is None or public_url is None:
        return None
    return Webhook(telegram=telegram, intake=house.intake, public_url=public_url, secret=house.webhook_secret)


def _opened(attachments: Attachments) -> OpenAttachment:
    async def open_file(file: str) -> OpenedFile | Path:
        path = attachments.path(file)
        return OpenedFile(chunks=await attachments.open(file)) if path is None else path

    return open_file

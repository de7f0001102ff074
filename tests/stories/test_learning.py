"""What the staff correct today is read right tomorrow: the model learns from it when the program starts again."""

from pathlib import Path

from sqlalchemy import select

from bot.submit import Submit
from desk.commands import Action, Actor, AtTicket, StaffActed
from store.tables import messages
from tests.emulator import Emulator
from tests.nlp.tiny_model import make_model
from tests.stories.house import House, Staff, open_house, settings


async def _read(house: House) -> list[tuple[str, str, str]]:
    """The customers' messages: text, intent, reader."""
    columns = (messages.c.text, messages.c.intent, messages.c.reader)
    query = select(*columns).where(messages.c.author == "customer").order_by(messages.c.at, messages.c.id)
    rows = await house.built.database.read(lambda connection: connection.execute(query).all())
    return [(row.text, row.intent, row.reader) for row in rows]


async def test_a_correction_is_learnt_from_at_the_next_start(
    emulator: Emulator, people: Staff, database_url: str, tmp_path: Path
) -> None:
    chosen = settings(database_url, tmp_path, nlp_model=str(make_model(tmp_path / "model")))
    anna = emulator.customer(501, "Anna")
    async with open_house(emulator, chosen) as house:
        anna.writes("furious parcel now")
        await house.is_quiet()
        correct = StaffActed(
            by=Actor(name="Lin"),
            action=Action.RETAG,
            at=house.built.now(),
            place=AtTicket(number=1),
            argument="delivery_problem",
        )
        assert await _submitted(house, correct) is None
        anna.writes("furious parcel now parcel")
        await house.is_quiet()
    async with open_house(emulator, chosen) as house:
        anna.writes("now furious parcel")
        anna.writes("refund money")
        await house.is_quiet()
        read = await _read(house)
    assert [intent for _, intent, _ in read] == ["order_status", "order_status", "delivery_problem", "return_refund"]
    assert [reader.partition("+")[0] for _, _, reader in read] == ["tiny-1"] * 4
    assert len({reader for _, _, reader in read}) == 2


async def _submitted(house: House, command: StaffActed) -> str | None:
    built = house.built
    submit = Submit(database=built.database, intake=built.intake, now=built.now, listen=built.bell.listen)
    return await submit(command, key="story:1", lane="ticket:1")

"""What falls due in the whole house: many breaches at once, and a calendar that is changed between two starts."""

from datetime import timedelta
from pathlib import Path

from bot.company.versions import version_of
from desk.hours import Interval
from desk.values import replace
from lifecycle.configuration import Configuration
from tests.emulator import Emulator
from tests.stories.house import House, Staff, company, open_house, settings, staff
from tests.stories.talk import WISH, card_of, is_card, with_ticket


async def test_s17_many_breaches_at_once_are_one_message(emulator: Emulator, people: Staff, house: House) -> None:
    for number in range(7):
        emulator.customer(600 + number, f"Guest {number}").writes(WISH)
    await house.until(lambda: sum(map(is_card, people.room.messages)) == 7, what="the cards")
    await house.passes(minutes=11)
    (digest,) = [message for message in people.alerts.general.from_bot if message.buttons]
    assert digest.text.startswith("🔴 7 alerts within a minute:\n🔴 #")
    assert len(digest.text.splitlines()) == 8
    pressed = people.zhao.presses(digest, "✓ #3 first reply")
    await house.until(lambda: pressed.notice, what="the acknowledgement")
    await house.passes(minutes=15)
    again = people.alerts.general.from_bot[-1]
    assert again.text.startswith("🔴 6 alerts within a minute:")
    assert "#3 " not in again.text


async def test_s13_a_calendar_changed_between_two_starts(emulator: Emulator, database_url: str, tmp_path: Path) -> None:
    """Promised within 10 minutes of 10:00; from about 10:04:30 on the desk is open from 20:00 in Shanghai, noon in UTC.

    Five minutes and a half are left then, less what the machine needs to start anew: due at 20:05, whatever the second.
    """
    people, chosen = staff(emulator), settings(database_url, tmp_path)
    async with open_house(emulator, chosen) as house:
        _, topic = await with_ticket(emulator, people, house)
        assert "Due: first reply by 11-23 10:10" in card_of(topic).text
    emulator.clock.advance(timedelta(minutes=4, seconds=30).total_seconds())
    async with open_house(emulator, chosen, _open_from_noon()) as house:
        await house.until(lambda: "Due: first reply by 11-23 20:05" in card_of(topic).text, what="the new due time")
        await house.passes(minutes=11)
        assert not [message for message in people.alerts.general.from_bot if message.buttons]
    async with open_house(emulator, chosen, _open_from_noon()) as house:
        await house.passes(hours=10)
        (alert,) = [message for message in people.alerts.general.from_bot if message.buttons]
        assert "#1 Anna: first reply was due 11-23 20:05" in alert.text


def _open_from_noon() -> Configuration:
    before = company()
    weekly = dict.fromkeys(range(7), (Interval.parse("12:00-24:00"),))
    always = replace(before.company.calendars["always"], weekly=weekly)
    changed = replace(before.company, calendars={"always": always}, calendar_versions={"always": version_of(always)})
    return replace(before, company=changed)

"""A wrong file is refused with all its mistakes at once, each with line, key path and what was expected."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.company import CompanyFileError, load_company, read_company

FULL = Path(__file__).with_name("desk.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)


def refusal(text: str) -> str:
    with pytest.raises(CompanyFileError) as refused:
        read_company(text, file_name="desk.yaml", today=TODAY)
    return str(refused.value)


def variants() -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("broken.yaml").read_text(encoding="utf-8"))
    return table


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: variant["name"])
def test_a_mistake_is_told_with_line_path_and_what_was_expected(variant: dict[str, Any]) -> None:
    assert variant["written"] in FULL

    refused = refusal(FULL.replace(variant["written"], variant["instead"], 1))

    assert refused.splitlines() == [f"desk.yaml:{line}" for line in variant["refused"]]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = FULL
    for written, instead in (
        ("role: supervisor}", "role: boss}"),
        ("assignment: sticky", "assignment: stick"),
        ("reopen_within: 72h", "reopen_within: long"),
        ("half_life: 30d", "half_live: 30d"),
        ("senior: Zhao", "senior: Zhou"),
    ):
        text = text.replace(written, instead, 1)

    lines = [int(line.split(":")[1]) for line in refusal(text).splitlines()]

    assert len(lines) == 5
    assert lines == sorted(lines)


def test_an_empty_section_asks_for_all_that_must_stand_there() -> None:
    assert refusal("company:\n").splitlines() == [
        "desk.yaml:1: calendars: missing; expected a mapping",
        "desk.yaml:1: company.languages: missing; expected a list",
        "desk.yaml:1: company.name: missing; expected 1 to 64 characters on one line",
        "desk.yaml:1: company.timezone: missing; expected one like Asia/Shanghai or UTC",
        "desk.yaml:1: rooms: missing; expected a mapping",
        "desk.yaml:1: routing: missing; expected a mapping",
        "desk.yaml:1: staff: missing; expected a list",
        "desk.yaml:1: teams: missing; expected a mapping",
    ]


def test_s12_no_open_time_within_400_days_is_a_mistake() -> None:
    start = FULL.index("    hours: {mon")
    end = FULL.index("    public_holidays")
    without_hours = FULL[:start] + "    hours: {}\n" + FULL[end:].replace('"2027-01-02": [', '"2031-01-02": [', 1)

    assert refusal(without_hours) == (
        "desk.yaml:30: calendars.office: no open time within 400 days; expected hours that open some day"
    )


def test_a_file_that_is_not_there_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(CompanyFileError, match=r"^desk\.yaml:1: cannot be read \(No such file or directory\)"):
        load_company(tmp_path / "desk.yaml", today=TODAY)


def test_what_stands_in_the_file_cannot_move_the_terminal() -> None:
    text = FULL.replace("role: supervisor}", 'role: "\\e[2Jboss\\u202e"}', 1)

    assert '"\\u001b[2Jboss\\u202e" is not allowed here' in refusal(text)

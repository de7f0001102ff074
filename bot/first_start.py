"""The first start in an empty folder: a company's file, a few pages to answer from, somebody who may log in."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from console.passwords import hash_password, make_password
from desk.company import Company
from store import users
from store.database import Database

_STARTER = Path(__file__).parent / "starter"
_PAGES = "knowledge"


def write_starter(config: Path) -> list[Path]:
    """Write the company's file and the pages beside it, where there is no company's file. Returns what was written.

    Pages that are there are left alone: they are somebody's answers.
    """
    if config.exists():
        return []
    config.parent.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    pages = config.parent / _PAGES
    if not pages.exists():
        shutil.copytree(_STARTER / _PAGES, pages, copy_function=shutil.copyfile)
        written.append(pages)
    # Whole or not at all, and last: whoever finds it finds the pages too.
    draft = config.with_name(f".{config.name}.{os.getpid()}")
    shutil.copyfile(_STARTER / "desk.yaml", draft)
    draft.replace(config)
    return [config, *written]


async def admit_first(database: Database, company: Company, now: datetime) -> tuple[str, str] | None:
    """Let the first supervisor in where nobody may log in yet: the login and a password made for it."""
    if await database.read(users.has_users):
        return None
    person = next(iter((*company.supervisors(), *company.staff)), None)
    if person is None:
        return None
    password = make_password()
    password_hash = hash_password(password)
    added = await database.transaction(
        lambda connection: users.add_user(
            connection,
            login=person.name,
            staff_name=person.name,
            role=person.role,
            password_hash=password_hash,
            at=now,
        )
    )
    return (person.name, password) if added else None

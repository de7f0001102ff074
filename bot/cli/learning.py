"""What the commands that read messages learn from, beside the company's file."""

from collections.abc import Sequence
from functools import partial

from bot.cli.databases import on_database
from bot.cli.terminal import remark
from bot.settings import Settings
from bot.tagger import LEARNT_FROM, known_intents, model_folder
from desk.company import Company
from desk.readings import Correction
from store import corrections, revisions


def learnt_from(settings: Settings, company: Company | None) -> Sequence[Correction]:
    """What the staff corrected, where a model of ours learns from it; nothing where no database is in use yet."""
    if model_folder(settings) is None:
        return ()
    try:
        is_current = revisions.is_current(settings.database_url.get_secret_value())
    except OSError as error:
        remark(f"read without what the staff corrected: the database cannot be reached: {error.strerror or error}")
        return ()
    if not is_current:
        return ()
    newest = partial(corrections.newest, intents=known_intents(company), limit=LEARNT_FROM)
    return on_database(lambda database: database.read(newest))

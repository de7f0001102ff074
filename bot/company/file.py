"""Reading a company's file as a whole: all its mistakes at once, or a configuration without any."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import yaml

from bot.company import calendars, lifecycle, outreach, people, routing, sla
from bot.company.mistakes import CompanyFileError, Mistake, printable
from bot.company.names import Names, gather
from bot.company.places import Place, Reader, Section
from bot.company.versions import version_of
from desk.company import BUILT_IN_FIELDS, Company, ContactField, KnowledgeRules, MetricsRules, SlaRules
from lifecycle.configuration import Configuration
from lifecycle.outreach import NudgeRules, OutreachRules, SurveyAlerts
from lifecycle.policy import LifecycleRules, OpportunityRules

T = TypeVar("T")

CHANNELS = ("telegram", "webchat", "email")
"""The channels that a file may name."""

_LONGEST_FILE = 1_000_000


def load_company(path: Path, *, today: date, channels: tuple[str, ...] = CHANNELS) -> Configuration:
    """The configuration in the file; public holidays are those of the years around `today`.

    Raises CompanyFileError with every mistake of the file, also where it cannot be read at all.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read ({error.strerror}); expected the company's file"
        raise CompanyFileError(path.name, [Mistake(line=1, path="", message=message)]) from error
    except UnicodeDecodeError as error:
        mistake = Mistake(line=1, path="", message="not a text in UTF-8; expected the company's file")
        raise CompanyFileError(path.name, [mistake]) from error
    return read_company(text, file_name=path.name, today=today, channels=channels)


def read_company(text: str, *, file_name: str, today: date, channels: tuple[str, ...] = CHANNELS) -> Configuration:
    """The same of a text; `file_name` stands before each mistake."""
    mistakes: list[Mistake] = []
    root = Place(path="", line=1, node=_compose(text, file_name), mistakes=mistakes)
    configuration = _read(root, today, channels)
    if mistakes:
        raise CompanyFileError(file_name, mistakes)
    return configuration


def _compose(text: str, file_name: str) -> yaml.Node:
    if len(text) > _LONGEST_FILE:
        raise CompanyFileError(file_name, [Mistake(line=1, path="", message="too long; expected at most 1 MB")])
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = printable(f"not YAML ({error.problem}); expected keys with values")
        raise CompanyFileError(file_name, [Mistake(line=line, path="", message=message)]) from error
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = printable(f"not YAML ({reason}); expected keys with values")
        raise CompanyFileError(file_name, [Mistake(line=1, path="", message=message)]) from error
    except RecursionError as error:
        mistake = Mistake(line=1, path="", message="nested too deep; expected keys with values")
        raise CompanyFileError(file_name, [mistake]) from error
    if not isinstance(node, yaml.MappingNode):
        mistake = Mistake(line=1, path="", message="no keys; expected `company:` and the others")
        raise CompanyFileError(file_name, [mistake])
    return node


def _read(root: Place, today: date, channels: tuple[str, ...]) -> Configuration:
    with Section(root) as keys:
        own_fields = keys.optional("contact_fields", routing.contact_fields, {})
        every_field: dict[str, ContactField] = {field.name: field for field in BUILT_IN_FIELDS} | own_fields
        names = gather(root, every_field, channels)
        return Configuration(
            company=_company(keys, names, own_fields, today),
            lifecycle=keys.optional("lifecycle", _with(lifecycle.lifecycle, names), LifecycleRules()),
            outreach=OutreachRules(
                journeys=keys.optional("journeys", _with(outreach.journeys, names), {}),
                nudges=keys.optional("nudges", _with(outreach.nudges, names), NudgeRules()),
                surveys=keys.optional("surveys", _with(outreach.surveys, names), ()),
                survey_alerts=keys.optional("survey_alerts", outreach.survey_alerts, SurveyAlerts()),
            ),
            opportunities=keys.optional("opportunities", _with(lifecycle.opportunities, names), OpportunityRules()),
        )


def _company(keys: Section, names: Names, own_fields: dict[str, ContactField], today: date) -> Company:
    name, timezone, languages = keys.required("company", people.identity)
    hours = keys.required("calendars", lambda place: calendars.calendars(place, today))
    promises = keys.optional("sla", _with(sla.sla, names), SlaRules())
    return Company(
        name=name,
        timezone=timezone,
        languages=languages,
        rooms=keys.required("rooms", people.rooms),
        staff=keys.required("staff", _with(people.staff, names)),
        calendars=hours,
        teams=keys.required("teams", _with(people.teams, names)),
        routing=keys.required("routing", _with(routing.routing, names)),
        sla=promises,
        knowledge=keys.optional("knowledge", routing.knowledge, KnowledgeRules()),
        intents=keys.optional("intents", routing.intents, ()),
        replies=keys.optional("replies", _with(routing.replies, names), {}),
        contact_fields=own_fields,
        metrics=keys.optional("metrics", _with(routing.metrics, names), MetricsRules()),
        calendar_versions={each: version_of(calendar) for each, calendar in hours.items()},
        policy_versions={policy.name: version_of(policy) for policy in promises.policies},
    )


def _with(read: Callable[[Place, Names], T], names: Names) -> Reader[T]:
    return lambda place: read(place, names)

"""The operators' page names every setting with its default, and every metric."""

from pathlib import Path

import pytest

from bot.metrics import Metrics
from bot.settings import Settings, variable
from store.figures import Figures

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
ROWS = {cells[1].strip("` "): cells[2].strip("` ") for line in PAGE.splitlines() if len(cells := line.split("|")) > 3}


def test_every_setting_stands_there_and_no_other() -> None:
    assert {name for name in ROWS if name.startswith("GUANXI_")} == {variable(field) for field in Settings.model_fields}


@pytest.mark.parametrize("field", ["config", "files", "http_host", "http_port", "telegram_api_url", "lease_seconds"])
def test_defaults_are_those_of_the_program(field: str) -> None:
    assert ROWS[variable(field)] == str(Settings.model_fields[field].default)


def test_every_metric_of_ours_stands_there() -> None:
    metrics = Metrics()
    metrics.error("worker")
    nothing = {"inbox_waiting": 0, "inbox_age": 0.0, "parked": 0, "outbox_waiting": 0, "outbox_age": 0.0, "failed": 0}
    body = metrics.render(Figures(**nothing, tickets={}, breaches={}, overdue={})).decode()  # type: ignore[arg-type]
    families = {line.split()[2] for line in body.splitlines() if line.startswith("# TYPE guanxi_")}
    missing = {name for name in families if name not in PAGE and not name.endswith("_created")}
    assert not missing

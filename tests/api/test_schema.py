"""The API against its own OpenAPI document: whatever is asked, right or wrong, is answered as the document says."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from console.api.endpoints import Endpoints
from console.api.openapi import document
from console.ports import Api
from lifecycle.configuration import Configuration
from store.database import open_database
from store.tables import metadata
from tests.api.conftest import TOKEN, api_app
from tests.console.house import Handled
from tests.console.seed import NOW, configuration, seed
from tests.server import Server

NOWHERE = Api(database=None, company=configuration, submit=Handled(), now=lambda: NOW, token=TOKEN, version="1")  # type: ignore[arg-type]
DOCUMENT = dict(document(Endpoints(api=NOWHERE).routes(), version="1"))

schema = schemathesis.openapi.from_dict(DOCUMENT)


async def serve(folder: Path, company: Configuration, told: Queue[str], stop: threading.Event) -> None:
    """The API on a port of its own until it is told to stop."""
    database = open_database(f"sqlite:///{folder}/guanxi.db")
    await database.transaction(metadata.create_all)
    await seed(database, company)
    server = Server(api_app(database, company, Handled()))
    await server.start_server()
    told.put(str(server.make_url("/api/v1")))
    await asyncio.to_thread(stop.wait)
    await server.close()
    await database.close()


@pytest.fixture(scope="module")
def address(company: Configuration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the API stands: a server in a thread beside the test."""
    stop, told = threading.Event(), Queue[str]()
    folder = tmp_path_factory.mktemp("api")
    thread = threading.Thread(target=lambda: asyncio.run(serve(folder, company, told, stop)))
    thread.start()
    yield told.get(timeout=60)
    stop.set()
    thread.join()


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: schemathesis.Case[Any], address: str) -> None:
    case.call_and_validate(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"})

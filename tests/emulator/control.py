"""Orders from another process: POST /_control/<order> with JSON. Tests in this process use the Emulator itself."""

from collections.abc import Callable

from tests.emulator.errors import ApiError
from tests.emulator.faults import Faults
from tests.emulator.flood import Flood
from tests.emulator.params import Params
from tests.emulator.people import Customer
from tests.emulator.state import Json
from tests.emulator.world import World


class Control:
    """Orders: writes, flood, storm, summary."""

    def __init__(self, world: World, faults: Faults, customer: Callable[[int], Customer]) -> None:
        self._faults = faults
        self._customer = customer
        self.flood = Flood(world, customer)

    async def order(self, name: str, params: Params) -> Json:
        match name:
            case "writes":
                message = self._customer(params.integer("customer")).writes(params.text("text"))
                return {"message_id": message.id}
            case "flood":
                self.flood.at_once(params.integer("customers", 500), params.integer("lines", 4))
                return self.flood.summary()
            case "storm":
                self._faults.storm(params.text("method"), times=params.integer("times", 1))
                return {}
            case "summary":
                return self.flood.summary()
            case _:
                raise ApiError(404, "Not Found")

"""The console as a part of the web application, under /console."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from console.actions import Actions, wants_json
from console.assets import Assets, read_assets
from console.entrance import Entrance
from console.events import Events
from console.files import Files
from console.guard import PATH, Guard, headers
from console.languages import load_catalogue
from console.pages import Pages
from console.ports import Console
from console.readings import Readings
from console.rendering import Renderer, environment, redirect


def add_console(app: web.Application, console: Console) -> None:
    """Put the console's pages under /console of the application."""
    catalogue = load_catalogue(console.company().company.default_language)
    assets = read_assets()
    renderer = Renderer(console=console, catalogue=catalogue, templates=environment(), version=assets.version)
    guard = Guard(console=console)
    inner = web.Application(middlewares=[_errors(renderer), _guarded(guard)])
    inner.on_response_prepare.append(headers(secure=console.secure_cookies))
    _add_routes(inner, renderer, guard, assets)
    app.add_subapp(PATH, inner)


def _add_routes(inner: web.Application, renderer: Renderer, guard: Guard, assets: Assets) -> None:
    pages, entrance = Pages(renderer=renderer), Entrance(renderer=renderer, guard=guard)
    actions = Actions(pages=pages, entrance=entrance)
    events = Events(console=renderer.console, guard=guard)
    inner.on_shutdown.append(events.close)
    number = r"{number:[0-9]{1,18}}"
    inner.add_routes(
        [
            web.get("", pages.desk),
            web.get("/", _home),
            web.get("/login", entrance.show),
            web.post("/login", entrance.enter),
            web.post("/logout", entrance.leave),
            web.get(f"/tickets/{number}", pages.ticket),
            web.post(f"/tickets/{number}/actions", actions.act),
            web.post(f"/tickets/{number}/messages", actions.write),
            web.get("/readings", Readings(renderer=renderer).show),
            web.post("/presence", actions.set_presence),
            web.post("/preferences", actions.set_preferences),
            web.get("/events", events.stream),
            web.get(r"/files/{message:[0-9]{1,18}}/{place:[0-9]{1,3}}", Files(console=renderer.console).show),
            web.get("/static/{version}/{name}", assets.show),
        ]
    )


async def _home(_request: web.Request) -> web.StreamResponse:
    return redirect(PATH)


def _guarded(guard: Guard) -> Middleware:
    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.admit(request, handler)

    return admit


def _errors(renderer: Renderer) -> Middleware:
    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        """An error in the reader's language, as a page or for the page's script."""
        try:
            return await handler(request)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            key = f"error.{error.status}"
            known = key in renderer.catalogue.texts[renderer.catalogue.default]
            text = renderer.say(request, key if known else "error.other")
            if wants_json(request):
                return web.json_response({"refusal": text}, status=error.status)
            return renderer.page(request, "error.html", status=error.status, message=text, code=error.status)

    return explain

"""The limits a reader can rely on: short functions and files, a docstring per module, plain names, no clock in rules.

`python tests/structure/limits.py [ROOT]` prints each breach as `file:line: what is wrong` and ends with 1 if any is.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PACKAGES = ("bot", "channels", "console", "desk", "handlers", "lifecycle", "nlp", "store")
CHECKED = (*PACKAGES, "benchmarks", "tests")
PURE = ("desk", "lifecycle")
#: The one pure module that knows how a value is made.
VALUES = "desk/values.py"

FUNCTION_LINES = 40
FILE_LINES = 400
TEST_FILE_LINES = 600

VAGUE_ENDINGS = ("Manager", "Service", "Helper", "Helpers", "Util", "Utils")
VAGUE_MODULES = frozenset({"core", "utils", "util", "common", "helpers", "misc"})
CLOCKS = frozenset({"now", "today", "utcnow"})
FILES = frozenset({"open", "input", "print"})

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """One parsed file; `name` is its path from the root, with forward slashes."""

    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.split("/", 1)[0]

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    module: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.message}"


def modules(root: Path) -> Iterator[Module]:
    for room in CHECKED:
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield Module(name=path.relative_to(root).as_posix(), text=text, tree=ast.parse(text, str(path)))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last statement, the docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def breaches(module: Module) -> Iterator[Breach]:
    found = [*_file(module), *_functions(module), *_names(module)]
    if module.room in PURE:
        found += _impurities(module)
    for line, message in sorted(found):
        yield Breach(module=module.name, line=line, message=message)


def _file(module: Module) -> Iterator[tuple[int, str]]:
    limit = TEST_FILE_LINES if module.room == "tests" else FILE_LINES
    lines = len(module.text.splitlines())
    if lines > limit:
        yield limit + 1, f"the file has {lines} lines, the limit is {limit}"
    if not ast.get_docstring(module.tree):
        yield 1, "the module has no docstring"


def _functions(module: Module) -> Iterator[tuple[int, str]]:
    for function in module.functions():
        if (lines := length(function)) > FUNCTION_LINES:
            yield function.lineno, f"{function.name} has {lines} lines, the limit is {FUNCTION_LINES}"


def _names(module: Module) -> Iterator[tuple[int, str]]:
    vague = VAGUE_MODULES.intersection(module.name.removesuffix(".py").split("/"))
    yield from ((1, f"a module named {part} says nothing of what is in it") for part in sorted(vague))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_ENDINGS):
            yield node.lineno, f"a class named {node.name} says nothing of what it does"


def _impurities(module: Module) -> Iterator[tuple[int, str]]:
    """import-linter holds the imports; what a pure import can still reach is held here."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                yield node.lineno, f"a rule reads the clock by {name}(): time is an argument"
            case ast.Call(func=ast.Name(id=name)) if name in FILES:
                yield node.lineno, f"a rule does I/O by {name}()"
            case ast.Import() | ast.ImportFrom() if module.name != VALUES:
                yield from ((node.lineno, f"a rule imports {name}") for name in _outside(node))


def _outside(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The libraries of an import that belong neither to the standard library nor to the pure rooms."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for name in names:
        top = name.split(".", 1)[0]
        if top and top not in sys.stdlib_module_names and top not in PACKAGES:
            yield top


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).parents[2]
    read = list(modules(root))
    found = [breach for module in read for breach in breaches(module)]
    for breach in found:
        print(breach)
    lengths = [length(function) for module in read if module.room in PACKAGES for function in module.functions()]
    print(
        f"{len(read)} files, {len(found)} breaches of the limits; "
        f"{len(lengths)} functions of {median(lengths or [0]):g} lines in the median, {max(lengths, default=0)} at most"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

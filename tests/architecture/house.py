"""The house rules an import graph cannot see, as functions over source text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = ("contacts", "sales", "marketing", "support")
ROOMS = frozenset({
    "__init__", "__main__", "commands", "copies", "events", "model", "queries", "reactions",
    "schemas", "settings", "web", "worker", "wsgi",
})  # fmt: skip
CHASSIS_ROOMS = frozenset({
    "__init__", "audit", "auth", "broker", "clock", "crashpoints", "db", "garbage", "ids", "inbox", "listen", "logs", "metrics",
    "operations", "outbox", "paging", "problems", "project", "records", "relay", "rights", "roles",
    "settings", "smtp", "testing", "tracing", "web",
})  # fmt: skip
NOUNS = re.compile(
    r"\b(contact|account|deal|pipeline|ticket|campaign|segment|journey|invoice)s?\b",
    re.IGNORECASE,
)
_TIMES = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
          ("time", "time"), ("uuid", "uuid1"), ("uuid", "uuid4"), ("uuid_utils", "uuid7"),
          ("uuid_utils", "uuid4")}  # fmt: skip
_SELECT = re.compile(r"^\s*(with\b.*?\)\s*)?select\b", re.IGNORECASE | re.DOTALL)
LONGEST_MODULE, LONGEST_FUNCTION, USUAL_FUNCTION = 300, 50, 25


def sources(*folders: str) -> Iterator[Path]:
    """Yield every module below folders of the repository."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def service_sources() -> Iterator[Path]:
    """Yield every module of the five services."""
    for service in (*SERVICES, "gateway"):
        yield from sources(f"services/{service}/src")


def room_of(path: Path) -> str:
    """Return the room a module of a service or the chassis stands in."""
    parts = path.relative_to(ROOT).parts
    inside = parts[parts.index("src") + 2 :]
    return inside[0].removesuffix(".py")


def commits(source: str) -> list[int]:
    """Lines that commit, or open a transaction that will."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "begin"}
    ]


def selects(source: str) -> list[int]:
    """Lines that make a SELECT, by SQLAlchemy or as text."""
    tree = ast.parse(source)
    found = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "select"
    ]
    docs = set(map(id, _docstrings(tree)))
    return found + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docs
        and _SELECT.match(node.value)
        and " from " in f" {' '.join(node.value.lower().split())} "
        and "insert into" not in node.value.lower()
        and "pg_advisory" not in node.value.lower()
    ]


def times_and_ids(source: str) -> list[int]:
    """Lines that read a clock or make an id by themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in _TIMES
    ]


def environment_reads(source: str) -> list[int]:
    """Lines that read the environment."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in {"environ", "getenv"}
    ]


def broad_excepts(source: str) -> list[int]:
    """Lines that catch everything."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]


def business_nouns(source: str) -> list[int]:
    """Lines of code, comments and docstrings that name what only a service knows."""
    return [number for number, line in enumerate(source.splitlines(), 1) if NOUNS.search(line)]


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield each function's name and length in lines, its docstring not counted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            doc = 0
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                doc = (first.end_lineno or 0) - first.lineno + 1
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - doc


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield body[0].value

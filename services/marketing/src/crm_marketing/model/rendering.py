"""Filling in texts: {{ first_name|default("there") }} and if/else; nothing that can run away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nh3
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crm_marketing.model.errors import InvalidTemplate

LONGEST_SUBJECT = 300
_FILTERS = (
    "default",
    "d",
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "escape",
    "e",
)
# No loops, calls, arithmetic or attributes: a text ends, and stays about as long as it is.
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Test,
    nodes.Keyword,
)
Track = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says, before or after it is filled in."""

    subject: str
    body_text: str
    body_html: str | None = None


class Unrenderable(Exception):
    """A variable without a default is not known of this contact."""


def check(content: Content) -> None:
    """Raise InvalidTemplate naming every field that could not be filled in."""
    parts = {
        "subject": content.subject,
        "body_text": content.body_text,
        "body_html": content.body_html or "",
    }
    faults = {name: fault for name, text in parts.items() if (fault := _fault(text))}
    if faults:
        raise InvalidTemplate(errors={name: [fault] for name, fault in faults.items()})


def render(
    content: Content, variables: Mapping[str, str], *, track: Track | None = None
) -> Content:
    """Fill in; `track` rewrites the links of the HTML. Raises Unrenderable."""
    try:
        html = content.body_html and _HTML.from_string(content.body_html).render(variables)
        return Content(
            subject=subject(content, variables),
            body_text=_TEXT.from_string(content.body_text).render(variables),
            body_html=clean(html, track=track) if html else None,
        )
    except TemplateError as error:
        raise Unrenderable(str(error)) from error


def subject(content: Content, variables: Mapping[str, str]) -> str:
    """Fill in the subject alone: one line. Raises Unrenderable."""
    try:
        line = _TEXT.from_string(content.subject).render(variables)
    except TemplateError as error:
        raise Unrenderable(str(error)) from error
    return " ".join(line.split())[:LONGEST_SUBJECT]


def clean(html: str, *, track: Track | None = None) -> str:
    """Keep harmless HTML only."""

    def rewritten(tag: str, attribute: str, value: str) -> str:
        is_link = tag == "a" and attribute == "href" and value.startswith(("http:", "https:"))
        return track(value) if track and is_link else value

    return nh3.clean(html, attribute_filter=rewritten)


def _fault(text: str) -> str | None:
    try:
        for node in _TEXT.parse(text).find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                return f"{type(node).__name__} is not possible here"
        _TEXT.from_string(text)
    except TemplateError as error:
        return str(error)
    return None


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.globals.clear()
    return made


_TEXT = _environment(autoescape=False)
_HTML = _environment(autoescape=True)

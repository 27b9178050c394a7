"""The stream of notes that departments share: written, answered, pinned, reacted to."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request

from crm_chassis import web
from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

REACTIONS = ("like", "love", "laugh", "party", "eyes", "done")
_KINDS = ", ".join(f'"{kind}"' for kind in REACTIONS)

pages = Blueprint("notes", __name__)


@pages.post("/notes/<uuid:note_id>/answers")
def answer(note_id: UUID) -> Any:
    """Answer a note; the answer is about what the note is about."""
    found = asking.read("contacts", f"/v1/notes/{note_id}")
    if not found.is_good:
        return _done(found)
    body = {
        "body": request.form.get("body", ""), "reply_to_id": str(note_id),
        "subjects": found.body["subjects"], "internal": found.body["internal"],
    }  # fmt: skip
    return _done(asking.write("contacts", "POST", "/v1/notes", body))


@pages.post("/notes/<uuid:note_id>/pin")
def pin(note_id: UUID) -> Any:
    """Pin a note to the top, or let it go."""
    body = {"pinned": request.form.get("pinned") == "true"}
    return _done(
        asking.write(
            "contacts", "PATCH", f"/v1/notes/{note_id}", body, version=request.form.get("version")
        )
    )


@pages.post(f"/notes/<uuid:note_id>/reactions/<any({_KINDS}):kind>")
def react(note_id: UUID, kind: str) -> Any:
    """React, or take it back."""
    method = "DELETE" if request.form.get("mine") else "PUT"
    return _done(asking.write("contacts", method, f"/v1/notes/{note_id}/reactions/{kind}"))


def posted(subjects: list[dict[str, str]]) -> asking.Outcome:
    """Add the note that was typed."""
    body = {
        "body": request.form.get("body", ""),
        "internal": "internal" in request.form,
        "subjects": subjects,
    }
    return asking.write("contacts", "POST", "/v1/notes", body)


def stream(notes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return live notes for the page: pinned first, each with its answers, the oldest first."""
    me = str(web.principal().user_id)
    live = [_shown(each, me) for each in notes if not each.get("archived_at")]
    by_id = {each["id"]: each for each in live}
    first: list[dict[str, Any]] = []
    for each in sorted(live, key=lambda note: note["created_at"]):
        asked = by_id.get(each.get("reply_to_id") or "")
        (asked["answers"] if asked else first).append(each)
    first.reverse()
    return sorted(first, key=lambda note: not note["pinned"])


def _shown(note: Mapping[str, Any], me: str) -> dict[str, Any]:
    given = {each["kind"]: each["user_ids"] for each in note.get("reactions", ())}
    reactions = [
        {"kind": kind, "user_ids": given.get(kind, ()), "mine": me in given.get(kind, ())}
        for kind in REACTIONS
    ]
    return {**note, "reactions": reactions, "answers": []}


def _done(outcome: asking.Outcome) -> Any:
    """Go back to the page the form was on, or say why nothing changed."""
    back = request.form.get("back", "")
    back = back if back.startswith("/") and not back.startswith("//") else "/"
    if outcome.is_good:
        return redirect(f"{back}#notes", 303)
    return rendering.page(
        "refused.html", status=outcome.status, reason=outcome.reason, back=back,
        typed=request.form.get("body", ""),
    )  # fmt: skip

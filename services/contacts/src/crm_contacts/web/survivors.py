"""Answering with the survivor of what was merged."""

from typing import cast
from uuid import UUID

from flask import Response, request

from crm_chassis import web
from crm_contacts.queries import merges


def read(kind: str, record_id: UUID) -> Response:
    """Read a record; an absorbed one's id answers its survivor and says `merged_from`."""
    response = web.read(kind, record_id, conditional=False)
    survivor_id = merges.survivor_in(response.get_data())
    if survivor_id is None:
        return cast("Response", response.make_conditional(request))
    found = web.read(kind, survivor_id, conditional=False)
    del found.headers["ETag"]  # the path may lead to another record tomorrow
    found.set_data(found.get_data()[:-1] + b',"merged_from":"' + str(record_id).encode() + b'"}')
    return found


def living(kind: str, record_id: UUID) -> UUID:
    """Whose id to ask by for what belongs to a record; 404 for who may not see it."""
    return merges.survivor_in(web.read(kind, record_id, conditional=False).get_data()) or record_id

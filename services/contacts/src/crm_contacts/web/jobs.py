"""Routes of long work."""

from uuid import UUID

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.problems import NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.queries import jobs
from crm_contacts.schemas.duplicates import JobOut

blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs/contacts", kind="job")


@blueprint.get("/<uuid:job_id>")
@blueprint.response(200, JobOut)
@web.needs("read", subject="job_id")
def read_job(job_id: UUID) -> Response:
    """Read how far long work is."""
    with web.sessions()() as session:
        found = jobs.job(session, job_id)
    if found is None:
        raise NotFound(f"job {job_id}")
    body = orjson.dumps(found, option=orjson.OPT_UTC_Z)
    return Response(body, mimetype="application/json")


def accepted(response: Response) -> Response:
    """The answer to a request for long work: 202 and where to ask for it."""
    if response.status_code == 202 and isinstance(response.json, dict):
        response.headers["Location"] = f"/v1/jobs/contacts/{response.json['id']}"
    return response

"""The documents of the golden samples, and what is thought of the data."""

from typing import Any

from crm_contracts.base import Record
from crm_contracts.contacts.documents import Document, DocumentVersion
from crm_contracts.contacts.quality import QualityAudit, QualityScores
from crm_contracts.golden.rows import ANNA, SUBJECTS, at, id_, row

DOCUMENTS: list[Record] = [
    Document(
        **row(id_(111), 61),
        title="Frame contract 2027",
        document_kind="contract",
        folder="Contracts/2027",
        status="draft",
        valid_from="2027-01-01",
        valid_to="2027-12-31",
        subjects=SUBJECTS,
        versions=(
            DocumentVersion(
                number=1,
                sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                file_name="frame-contract-2027.pdf",
                mime="application/pdf",
                size=48_211,
                comment="As agreed on the phone",
                added_at=at(3, 10),
                added_by=f"user:{ANNA}",
            ),
        ),
    ),
]
AUDITS: list[Record] = [
    QualityAudit(
        **(row(id_(121), 7, version=2) | {"owner_id": None, "team_id": None}),
        status="done",
        fresh_days=365,
        job_id=id_(122),
        checked={"contact": 1204, "account": 311},
        findings={"account.no-domain": 12, "contact.no-email": 77},
        scores={
            "account": QualityScores(score=88, completeness=85, validity=97, freshness=91),
            "contact": QualityScores(score=81, completeness=74, validity=92, freshness=88),
        },
        completed_at=at(4, 3, 2),
    ),
]
FILED: dict[str, dict[str, Any]] = {
    "contacts.document.activated": {"status": "active"},
    "contacts.document.signed": {"status": "signed", "signed_at": at(6, 11)},
    "contacts.document.published": {"status": "active", "published_at": at(5, 8)},
    "contacts.document.cancelled": {"status": "cancelled"},
    "contacts.quality_audit.started": {
        "version": 1,
        "status": "running",
        "checked": {},
        "findings": {},
        "scores": {},
        "completed_at": None,
    },
    "contacts.quality_audit.failed": {
        "status": "failed",
        "checked": {},
        "findings": {},
        "scores": {},
        "completed_at": None,
    },
    "contacts.document.expired": {"status": "expired"},
}

"""Pointers at records as they are told."""

from crm_contacts.model.values import Subject
from crm_contracts import SubjectRef


def subject_refs(subjects: tuple[Subject, ...]) -> tuple[SubjectRef, ...]:
    """Return the published shape of pointers."""
    return tuple(SubjectRef(type=each.type, id=each.id) for each in subjects)

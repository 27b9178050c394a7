"""The notes, tasks and boards of the golden samples."""

from crm_contracts import contacts
from crm_contracts.base import Record
from crm_contracts.golden.rows import ANNA, SUBJECTS, at, id_, row

WORKING: list[Record] = [
    contacts.Note(
        **row(id_(32), 871),
        body="Prefers calls before noon. @Anna Lindqvist, please see to it.",
        pinned=True,
        subjects=SUBJECTS,
        author=f"user:{ANNA}",
        mentions=(ANNA,),
        reactions=(contacts.NoteReaction(kind="like", user_ids=(ANNA,)),),
    ),
    contacts.Task(
        **row(id_(33), 640),
        title="Send the proposal",
        assignee_id=ANNA,
        department="sales",
        due_at=at(6, 16),
        priority="high",
        status="open",
        subjects=SUBJECTS,
        collaborator_ids=(id_(12),),
        reminders=(
            contacts.Reminder(kind="relative", minutes_before=60, at=at(6, 15)),
            contacts.Reminder(kind="absolute", at=at(5, 9), reminded_at=at(5, 9)),
        ),
        board_id=id_(44),
        column_id=id_(45),
    ),
    contacts.Board(
        **row(id_(44), 5),
        name="Proposals",
        department="sales",
        columns=(
            contacts.BoardColumn(id=id_(45), name="To do", status="open"),
            contacts.BoardColumn(id=id_(46), name="Done", status="done"),
        ),
        members=(contacts.BoardMember(user_id=ANNA, role="owner"),),
    ),
]

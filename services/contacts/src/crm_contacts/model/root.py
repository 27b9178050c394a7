"""The root of the mapping and the columns that several aggregates share."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from crm_chassis.db import Utc
from crm_contacts.model.reminder import Reminder
from crm_contacts.model.values import Subject


def _values(kind: type[Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False):
    """Registry of the service's tables; a row equals only itself."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Utc,
        StrEnum: sa.Enum(StrEnum, native_enum=False, values_callable=_values),
        list[str]: ARRAY(sa.Text),
        dict[str, Any]: JSONB,
    }


class Subjects(sa.types.TypeDecorator[tuple[Subject, ...]]):
    """Pointers at records, as `[{"type": …, "id": …}]`; searched by containment."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[Subject] | None, _dialect: object
    ) -> list[dict[str, str]]:
        return [{"type": each.type, "id": str(each.id)} for each in value or ()]

    def process_result_value(
        self, value: Sequence[dict[str, str]] | None, _dialect: object
    ) -> tuple[Subject, ...]:
        return tuple(Subject(type=each["type"], id=UUID(each["id"])) for each in value or ())


class Reminders(sa.types.TypeDecorator[tuple[Reminder, ...]]):
    """Reminders of a task, as a list of objects."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[Reminder] | None, _dialect: object
    ) -> list[dict[str, Any]]:
        return [each.dumped() for each in value or ()]

    def process_result_value(
        self, value: Sequence[dict[str, Any]] | None, _dialect: object
    ) -> tuple[Reminder, ...]:
        return tuple(Reminder.loaded(each) for each in value or ())

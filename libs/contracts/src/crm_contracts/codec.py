"""Facts and records to JSON bytes and back: CloudEvents 1.0, structured mode."""

from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, cast, get_type_hints
from uuid import UUID

import msgspec

from crm_contracts.base import (
    FACTS,
    RECORDS,
    Fact,
    Record,
    Undecodable,
    UnknownMajor,
    UnknownType,
)

_encoder = msgspec.json.Encoder()
_twins: dict[type[Record], type[Any]] = {}
_decoders: dict[type[Record], msgspec.json.Decoder[Any]] = {}


class _Data(msgspec.Struct, kw_only=True):
    record: msgspec.Raw
    changed: tuple[str, ...] = ()


class _Wire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The CloudEvent, with the record left as bytes."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    subjectversion: int
    time: datetime
    datacontenttype: str
    actor: str
    correlationid: UUID
    hops: int
    onbehalfof: str | None = None
    causationid: UUID | None = None
    traceparent: str | None = None
    restated: bool = False
    data: _Data


_wire_decoder = msgspec.json.Decoder(_Wire)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A fact whose record was not decoded: `record` holds its bytes unchanged."""

    id: UUID
    source: str
    type: str
    subject: UUID
    subjectversion: int
    time: datetime
    actor: str
    correlationid: UUID
    hops: int
    onbehalfof: str | None
    causationid: UUID | None
    traceparent: str | None
    restated: bool
    record: bytes
    changed: tuple[str, ...]

    @property
    def service(self) -> str:
        return self.source[1:]

    @property
    def kind(self) -> str:
        """Kind of the record. Raises UnknownType."""
        return fact_class(self.type).record_type.kind


def record_body(record: Record) -> bytes:
    """The JSON published for a record: the body of its GET and of every fact about it."""
    if record.renames:
        return _encoder.encode(
            msgspec.convert(record, wire_type(type(record)), from_attributes=True)
        )
    return _encoder.encode(record)


def record_from(service: str, kind: str, body: bytes | str) -> Record:
    """Decode a published record. Raises UnknownType, Undecodable; ignores unknown fields."""
    record_type = RECORDS.get((service, kind))
    if record_type is None:
        raise UnknownType(f"{service}.{kind}")
    return _decode_record(record_type, body)


def encode(fact: Fact[Record], body: bytes | None = None) -> bytes:
    """The CloudEvent of a fact. Pass `body` when `record_body(fact.record)` is at hand."""
    record = fact.record
    return _encoder.encode(
        _Wire(
            specversion="1.0",
            id=fact.id,
            source="/" + fact.type.partition(".")[0],
            type=fact.type,
            subject=record.id,
            subjectversion=record.version,
            time=fact.time,
            datacontenttype="application/json",
            actor=fact.actor,
            correlationid=fact.correlation_id,
            hops=fact.hops,
            onbehalfof=fact.on_behalf_of,
            causationid=fact.causation_id,
            traceparent=fact.traceparent,
            restated=fact.restated,
            data=_Data(record=msgspec.Raw(body or record_body(record)), changed=fact.changed),
        )
    )


def decode(body: bytes) -> Fact[Record]:
    """The fact of a CloudEvent. Raises Undecodable, UnknownType, UnknownMajor."""
    wire = _wire(body)
    fact_type = fact_class(wire.type)
    return fact_type(
        id=wire.id,
        time=wire.time,
        actor=wire.actor,
        correlation_id=wire.correlationid,
        record=_decode_record(fact_type.record_type, wire.data.record),
        changed=wire.data.changed,
        on_behalf_of=wire.onbehalfof,
        causation_id=wire.causationid,
        traceparent=wire.traceparent,
        hops=wire.hops,
        restated=wire.restated,
    )


def envelope(body: bytes) -> Envelope:
    """Everything but the record's inside. Raises Undecodable; the type may be unknown."""
    wire = _wire(body)
    return Envelope(
        id=wire.id,
        source=wire.source,
        type=wire.type,
        subject=wire.subject,
        subjectversion=wire.subjectversion,
        time=wire.time,
        actor=wire.actor,
        correlationid=wire.correlationid,
        hops=wire.hops,
        onbehalfof=wire.onbehalfof,
        causationid=wire.causationid,
        traceparent=wire.traceparent,
        restated=wire.restated,
        record=bytes(wire.data.record),
        changed=wire.data.changed,
    )


def fact_class(fact_type: str) -> type[Fact[Any]]:
    """The class of a type. Raises UnknownMajor when another major is known, else UnknownType."""
    found = FACTS.get(fact_type)
    if found is not None:
        return found
    stem = fact_type.rpartition(".v")[0] + ".v"
    if any(known.startswith(stem) for known in FACTS):
        raise UnknownMajor(fact_type)
    raise UnknownType(fact_type)


def wire_type(record_type: type[Record]) -> type[Any]:
    """What JSON of this record decodes to: the record itself, or a twin with its JSON names."""
    if not record_type.renames:
        return record_type
    if record_type not in _twins:
        _twins[record_type] = _twin(record_type)
    return _twins[record_type]


def _twin(record_type: type[Record]) -> type[Any]:
    types = get_type_hints(record_type, include_extras=True)
    members: list[Any] = []
    for each in fields(record_type):
        if each.default is not MISSING:
            members.append((each.name, types[each.name], each.default))
        elif each.default_factory is not MISSING:
            default = msgspec.field(default_factory=each.default_factory)
            members.append((each.name, types[each.name], default))
        else:
            members.append((each.name, types[each.name]))
    return msgspec.defstruct(
        record_type.__name__,
        members,
        kw_only=True,
        rename=record_type.renames,
        namespace={"__doc__": record_type.__doc__},
    )


def _decoder(record_type: type[Record]) -> msgspec.json.Decoder[Any]:
    found = _decoders.get(record_type)
    if found is None:
        found = _decoders[record_type] = msgspec.json.Decoder(wire_type(record_type))
    return found


def _decode_record(record_type: type[Record], body: bytes | str | msgspec.Raw) -> Record:
    try:
        decoded = _decoder(record_type).decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Undecodable(str(error)) from error
    if record_type.renames:
        decoded = msgspec.convert(decoded, record_type, from_attributes=True)
    return cast(Record, decoded)


def _wire(body: bytes) -> _Wire:
    try:
        wire = _wire_decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Undecodable(str(error)) from error
    if wire.specversion != "1.0":
        raise Undecodable(f"CloudEvents {wire.specversion}")
    return wire

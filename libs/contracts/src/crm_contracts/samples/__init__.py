"""The committed golden sample of each fact: what its producer promises to publish."""

from importlib.resources import files
from typing import TypeVar, cast

from crm_contracts.base import Fact, Record
from crm_contracts.codec import decode

F = TypeVar("F", bound=Fact[Record])


def sample(fact_class: type[F]) -> F:
    """The golden sample of a fact, decoded: consumers test their reactions with it."""
    return cast(F, decode(sample_body(fact_class.type)))


def sample_body(fact_type: str) -> bytes:
    """The golden sample of a fact type, as committed."""
    return files(__name__).joinpath(f"{fact_type}.json").read_bytes()

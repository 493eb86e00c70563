"""Search for municipalities and specialties by what people type."""

from functools import lru_cache
from pathlib import Path
from typing import TypedDict

import msgspec
from peewee import fn

from beneficiate.models.base import database
from beneficiate.models.professionals import Department, Specialty, Township
from beneficiate.search import IndexEntry, NameIndex, SearchHit
from beneficiate.unit_of_work import UnitOfWork


class Aliases(msgspec.Struct, frozen=True):
    """Everyday names: of cities by their DIVIPOLA code, of specialties by their official name."""

    cities: dict[str, tuple[str, ...]]
    specialties: dict[str, tuple[str, ...]]


ALIASES = msgspec.json.decode((Path(__file__).parents[1] / "data" / "aliases.json").read_bytes(), type=Aliases)


class SearchHitRow(TypedDict):
    """A municipality or a specialty that was found."""

    id: int
    label: str


def search_townships(uow: UnitOfWork, text: str) -> list[SearchHitRow]:
    """Return at most ten municipalities, the best first; ambiguous names with their department."""
    return _build_rows(township_index().search(text))


def search_specialties(uow: UnitOfWork, text: str) -> list[SearchHitRow]:
    """Return at most ten specialties, the best first."""
    return _build_rows(specialty_index().search(text))


def township_index() -> NameIndex:
    """Return the index of all municipalities, built again when their number changes."""
    return _build_township_index(database.obj.database, Township.select(fn.COUNT(Township.id)).scalar())


def specialty_index() -> NameIndex:
    """Return the index of the active specialties, built again when their number or one of them changes."""
    changes = Specialty.select(fn.COUNT(Specialty.id), fn.SUM(Specialty.version)).tuples().first()
    return _build_specialty_index(database.obj.database, *changes)


def find_township(township_id: int) -> SearchHit | None:
    """Return a municipality with the label that the search gives it; None when there is no such one."""
    exists = Township.select().where(Township.id == township_id).exists()
    return SearchHit(township_id, township_index().label_of(township_id)) if exists else None


def _build_rows(hits: list[SearchHit]) -> list[SearchHitRow]:
    return [{"id": hit.id, "label": hit.label} for hit in hits]


@lru_cache(2)
def _build_township_index(_database: str, _count: int) -> NameIndex:
    query = Township.select(Township.id, Township.name, Department.name, Township.code).join(Department)
    # Among equal names the capital of a department comes first; its code ends in 001.
    rows = sorted(query.order_by(Township.code).tuples(), key=lambda row: not row[3].endswith("001"))
    return NameIndex(
        IndexEntry(id_, name, department, ALIASES.cities.get(code, ())) for id_, name, department, code in rows
    )


@lru_cache(2)
def _build_specialty_index(_database: str, _count: int, _versions: int) -> NameIndex:
    query = Specialty.select(Specialty.id, Specialty.name).where(Specialty.is_active)
    rows = query.order_by(Specialty.name).tuples()
    return NameIndex(IndexEntry(id_, name, "", ALIASES.specialties.get(name, ())) for id_, name in rows)

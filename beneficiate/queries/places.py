"""Searching municipalities and specialties by what people type."""

from functools import lru_cache

from peewee import fn

from beneficiate.models.base import database
from beneficiate.models.care import Department, Specialty, Township
from beneficiate.search import CITY_ALIASES, SPECIALTY_ALIASES, Entry, Hit, Index
from beneficiate.store import Work


def search_townships(work: Work, text: str) -> list[dict[str, object]]:
    """At most ten municipalities, the best first; ambiguous names with their department."""
    return [{"id": hit.id, "label": hit.label} for hit in townships().find(text)]


def search_specialties(work: Work, text: str) -> list[dict[str, object]]:
    """At most ten specialties, the best first."""
    return [{"id": hit.id, "label": hit.label} for hit in specialties().find(text)]


def townships() -> Index:
    """The index of all municipalities; made anew when there are others."""
    return _townships(database.obj.database, Township.select(fn.COUNT(Township.id)).scalar())


def specialties() -> Index:
    """The index of all specialties; made anew when there are others."""
    return _specialties(database.obj.database, Specialty.select(fn.COUNT(Specialty.id)).scalar())


def known_township(township_id: int) -> Hit | None:
    """A municipality as the search shows it; None when there is no such one."""
    exists = Township.select().where(Township.id == township_id).exists()
    return Hit(township_id, townships().label(township_id)) if exists else None


@lru_cache(2)
def _townships(_database: str, _count: int) -> Index:
    query = Township.select(Township.id, Township.name, Department.name, Township.code).join(Department)
    # Of those with one name the capital of a department comes first; its code ends in 001.
    rows = sorted(query.order_by(Township.code).tuples(), key=lambda row: not row[3].endswith("001"))
    return Index(Entry(id_, name, department, CITY_ALIASES.get(code, ())) for id_, name, department, code in rows)


@lru_cache(2)
def _specialties(_database: str, _count: int) -> Index:
    rows = Specialty.select(Specialty.id, Specialty.name).order_by(Specialty.name).tuples()
    return Index(Entry(id_, name, "", SPECIALTY_ALIASES.get(name, ())) for id_, name in rows)

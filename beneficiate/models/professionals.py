"""Departments, townships, specialties, professionals and their hours."""

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DateField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from beneficiate.models.base import BaseModel

ONLINE_SCHEDULE, MANUAL_SCHEDULE, NO_SCHEDULE = "ONLINE", "MANUAL", "UNAVAILABLE"
VIRTUAL = "VIRTUAL"


class Department(BaseModel):
    """A department of Colombia, with its DANE code (`05`)."""

    code = CharField(unique=True, max_length=2)
    name = CharField()

    class Meta:
        table_name = "departments"


class Township(BaseModel):
    """A municipality of Colombia, with its DIVIPOLA code of DANE (`05001`)."""

    code = CharField(unique=True, max_length=5)
    name = CharField()
    department = ForeignKeyField(Department, on_delete="RESTRICT")
    latitude = FloatField()
    longitude = FloatField()

    class Meta:
        table_name = "townships"


class Specialty(BaseModel):
    """A medical specialty that members may request while it is active."""

    name = CharField(unique=True)
    is_active = BooleanField(default=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "specialties"


class Professional(BaseModel):
    """A person who sees patients.

    `schedule_type`: ONLINE lets members choose a slot themselves, MANUAL leaves it to the agents, UNAVAILABLE has none.
    `confirms_itself`: a slot that a member chose is CONFIRMED at once, otherwise TO_BE_CONFIRMED by the staff.
    `imported_note` is what the old service says in words about their hours.
    """

    first_name = CharField()
    last_name = CharField()
    license_number = CharField(unique=True, max_length=32)
    township = ForeignKeyField(Township, on_delete="RESTRICT")
    address = CharField()
    mode = CharField(max_length=16)
    is_active = BooleanField(default=True)
    schedule_type = CharField(max_length=16, default=MANUAL_SCHEDULE)
    duration_minutes = IntegerField(default=30)
    buffer_minutes = IntegerField(default=0)
    confirms_itself = BooleanField(default=False)
    imported_note = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        table_name = "professionals"

    @property
    def name(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}"


class ProfessionalSpecialty(BaseModel):
    """A specialty that a professional practises."""

    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    specialty = ForeignKeyField(Specialty, on_delete="CASCADE")

    class Meta:
        table_name = "professional_specialties"
        primary_key = CompositeKey("professional", "specialty")


class AvailabilityBlock(BaseModel):
    """A block of the week in which a professional sees patients, in minutes since midnight in Bogotá; Monday is 0."""

    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    weekday = IntegerField()
    starts = IntegerField()
    ends = IntegerField()

    class Meta:
        table_name = "availabilities"


class AvailabilityException(BaseModel):
    """A date with other hours: closed (all day, or between two times) or open in addition."""

    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    day = DateField()
    starts = IntegerField(null=True)
    ends = IntegerField(null=True)
    is_open = BooleanField(default=False)

    class Meta:
        table_name = "availability_exceptions"

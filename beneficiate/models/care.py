"""Where and by whom people are cared for: departments, townships, specialties, professionals."""

from peewee import BooleanField, CharField, CompositeKey, FloatField, ForeignKeyField

from beneficiate.models.base import Row


class Department(Row):
    """A department of Colombia, with the code that DANE gives it (`05`)."""

    code = CharField(unique=True, max_length=2)
    name = CharField()

    class Meta:
        table_name = "departments"


class Township(Row):
    """A municipality of Colombia, with the code that DANE gives it in DIVIPOLA (`05001`)."""

    code = CharField(unique=True, max_length=5)
    name = CharField()
    department = ForeignKeyField(Department, on_delete="RESTRICT")
    latitude = FloatField()
    longitude = FloatField()

    class Meta:
        table_name = "townships"


class Specialty(Row):
    """A medical specialty that members may ask for."""

    name = CharField(unique=True)

    class Meta:
        table_name = "specialties"


class Professional(Row):
    """Somebody who sees patients."""

    first_name = CharField()
    last_name = CharField()
    license_number = CharField(unique=True, max_length=32)
    township = ForeignKeyField(Township, on_delete="RESTRICT")
    address = CharField()
    mode = CharField(max_length=16)
    is_active = BooleanField(default=True)

    class Meta:
        table_name = "professionals"


class ProfessionalSpecialty(Row):
    """A specialty that a professional practises."""

    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    specialty = ForeignKeyField(Specialty, on_delete="CASCADE")

    class Meta:
        table_name = "professional_specialties"
        primary_key = CompositeKey("professional", "specialty")

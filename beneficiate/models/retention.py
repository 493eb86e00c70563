"""How long what is kept that a job deletes."""

from peewee import IntegerField

from beneficiate.models.base import BaseModel


class Retention(BaseModel):
    """The periods that supervisors have chosen, in days, 0 for what is not deleted; the only row has the id 1.

    It is created by the first change; until then the defaults count.
    """

    sign_in_days = IntegerField(default=30)
    wompi_event_days = IntegerField(default=3650)
    orphan_file_days = IntegerField(default=1)
    chat_days = IntegerField(default=0)
    failed_event_days = IntegerField(default=0)
    copy_days = IntegerField(default=0)
    import_days = IntegerField(default=0)
    notice_days = IntegerField(default=7)
    version = IntegerField(default=1)

    class Meta:
        table_name = "retention"

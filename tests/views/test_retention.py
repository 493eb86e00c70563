"""How long what is kept, in words."""

from datetime import UTC, datetime

from beneficiate.domain.retention import RETAINED_KINDS
from beneficiate.views.retention import (
    RETENTION_DETAILS,
    RETENTION_LABELS,
    DeletedRows,
    RetentionEffect,
    RetentionPeriods,
    list_retention,
)

AT = datetime(2025, 10, 3, 15, tzinfo=UTC)


def test_periods_are_words_and_what_stays_says_so():
    rows = list_retention(RetentionPeriods(1, 120, 14, 30, 30, 2, 2, 7))
    periods = {row.name: row.period for row in rows}
    assert len(periods) == len(rows)
    assert periods["Sesión en las páginas, y toda sesión del equipo"] == "1 hora como máximo"
    assert periods["Invitaciones sin aceptar"] == "7 días"
    assert periods["Auditoría"] == "No se borra"


def test_effect_has_a_name_and_only_what_is_deleted():
    effect = RetentionEffect(
        [DeletedRows("chats", 312, AT), DeletedRows("ingresos", 0, AT), DeletedRows("archivos", 0, AT)]
    )
    assert [(one.counted, one.before) for one in effect.deleted] == [("312 chats cerrados", AT)]
    assert effect.name == "chats-312"
    assert effect.with_files(1).name == "chats-312 archivos-1"
    assert RetentionEffect([]).with_files(3).name == ""


def test_every_kind_has_a_label_and_says_what_stays():
    assert set(RETENTION_LABELS.names) == set(RETENTION_DETAILS) == set(RETAINED_KINDS)

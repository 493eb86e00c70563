"""Forms that change a row: what differs from what was there before, and from what somebody else has saved."""

from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow

LABELS = FieldLabels(
    {"nombre": "Nombre", "cupo": "Chats a la vez", "temas": "Temas"}, {"temas": {"1": "Citas", "2": "Pagos"}}
)
ORIGINAL = {"nombre": "Ana", "cupo": "5", "temas": "1"}


def form(saved=ORIGINAL, version=2, saved_version=2, **typed):
    return EditForm(SavedRow(saved, saved_version), LABELS, version, ORIGINAL, {**ORIGINAL, **typed})


def test_opened_form_has_nothing_to_save():
    opened = EditForm.open(SavedRow(ORIGINAL, 2), LABELS)
    assert (opened.is_dirty, opened.is_outdated, opened.differences) == (False, False, [])
    assert (opened.value("nombre"), opened.has("temas", 1), opened.has("temas", 2)) == ("Ana", True, False)


def test_new_row_had_nothing_before():
    assert EditForm.open(SavedRow(ORIGINAL, 0), LABELS).is_new
    assert not form().is_new


def test_changes_are_counted_and_errors_named():
    typed = form(cupo="4", temas="1,2")
    assert (typed.is_dirty, typed.changes_text) == (True, "2 cambios sin guardar")
    assert form(cupo="4").changes_text == "1 cambio sin guardar"
    wrong = EditForm(SavedRow(ORIGINAL, 2), LABELS, 2, ORIGINAL, ORIGINAL, {"cupo": "Entre 0 y 12."})
    assert wrong.wrong_text == "Corrija: Chats a la vez"


def test_long_text_is_sent_once_and_its_change_is_seen():
    long_text = "🚑" * 4000
    opened = EditForm.open(SavedRow({**ORIGINAL, "nombre": long_text}, 2), LABELS)
    assert len(opened.originals["nombre"]) < 80
    sent = EditForm(opened.saved, LABELS, 2, opened.originals, opened.typed)
    assert not sent.is_dirty
    changed = EditForm(opened.saved, LABELS, 2, opened.originals, {**opened.typed, "nombre": "Ana"})
    assert (changed.is_changed("nombre"), changed.describe_original("nombre")) == (True, "un texto largo")
    assert changed.saved_originals == changed.originals == opened.originals


def test_each_difference_prefers_what_was_typed_unless_only_the_other_one_changed_it():
    other = {"nombre": "Ana María", "cupo": "3", "temas": "1"}
    outdated = form(other, version=1, cupo="4", temas="1,2")
    assert outdated.is_outdated
    found = {one.name: one for one in outdated.differences}
    assert {name: one.prefers_typed for name, one in found.items()} == {"nombre": False, "cupo": True, "temas": True}
    topics = found["temas"]
    assert (topics.original_text, topics.saved_text, topics.typed_text) == ("Citas", "Citas", "Citas, Pagos")
    assert (topics.saved, topics.typed) == ("1", "1,2")


def test_empty_and_unknown_texts_are_described():
    assert LABELS.describe("nombre", "") == "vacío"
    assert LABELS.describe("temas", "1,9") == "Citas, 9"

"""What the pages of the administration have in common: their frame, and filters that nobody can break."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from beneficiate.models.call_centre import CannedReply
from beneficiate.models.quotas import QuotaUse
from tests.actions.payment_steps import get_plan
from tests.actions.queue_steps import create_topic
from tests.actions.test_invitations import TYPED as INVITED
from tests.factor_steps import add_second_factor
from tests.factories import agent, professional, specialty, supervisor
from tests.handlers.form_fields import read_form

SECTIONS = {
    "/supervisor/ajustes": "personas",
    "/supervisor/ajustes/temas": "temas",
    "/supervisor/horario": "horario",
    "/supervisor/ajustes/importar": "importar",
    "/supervisor/ajustes/retencion": "retencion",
    "/supervisor/ajustes/bloqueos": "bloqueos",
    "/supervisor/ajustes/planes": "planes",
    "/supervisor/ajustes/especialidades": "especialidades",
    "/supervisor/ajustes/profesionales": "profesionales",
    "/supervisor/ajustes/respuestas": "respuestas",
}
HOURS = "/supervisor/horario"
TIMES = {"primera": "2", "siguiente": "4", "resolver": "5", "avisar": "30", "meta": "85"}
NEW_ROWS = [
    ("/supervisor/ajustes/temas/nuevo", {"nombre": "Permisos"}, {"nombre": "Cirugías"}),
    ("/supervisor/ajustes/especialidades/nuevo", {"nombre": "Medicina deportiva"}, {"nombre": "Medicina del viajero"}),
    ("/supervisor/ajustes/planes/nuevo", {"nombre": "Plan joven", "precio": "99.000"}, {"nombre": "Plan mayor"}),
    (
        "/supervisor/ajustes/respuestas/nuevo",
        {"shortcut": "saludo", "title": "Saludo", "text": "Buenas"},
        {"shortcut": "adios"},
    ),
    (
        "/supervisor/ajustes/profesionales/nuevo",
        {"nombres": "Ana", "apellidos": "Ruiz", "licencia": "RM-900", "municipio": "Cali", "direccion": "Calle 1"},
        {"licencia": "RM-901"},
    ),
    (
        "/supervisor/ajustes/personas/nueva",
        INVITED,
        {"correo": "otra@beneficiate.co", "documento": "99887766", "codigo": "OTRA-1"},
    ),
]


@pytest.mark.gen_test
async def test_sections_lead_to_each_other_from_every_page(server, signed_in):
    browser = await signed_in(supervisor())
    for path, section in SECTIONS.items():
        shown = await browser.get(path)
        assert shown.text.count('class="nav-item"') > 1
        assert f'id="section-{section}" href="{path}" aria-current="page"' in shown.text
        assert 'id="rail-settings" href="/supervisor/ajustes" aria-current="page"' in shown.text


@pytest.mark.gen_test
@pytest.mark.parametrize(("path", "typed", "other"), NEW_ROWS)
async def test_form_that_is_sent_twice_creates_once(server, signed_in, path, typed, other):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(path)).text)
    sent = [browser.post(path, **{**form, **typed}) for _ in range(2)]
    done = [*await asyncio.gather(*sent), await browser.post(path, **{**form, **typed})]
    assert [one.status for one in done] == [303] * 3
    assert len({one.headers["Location"] for one in done}) == 1
    # Who goes back and types something else creates another one.
    another = await browser.post(path, **{**form, **typed, **other})
    assert (another.status, another.headers["Location"] != done[0].headers["Location"]) == (303, True)
    # Another form is no repetition.
    fresh = read_form((await browser.get(path)).text)
    assert fresh["formulario"] != form["formulario"]
    again = await browser.post(path, **{**fresh, **typed})
    assert again.status == 200
    assert read_form(again.text)["formulario"] == fresh["formulario"]


@pytest.mark.gen_test
async def test_filters_of_any_length_are_answered_and_kept(server, signed_in):
    browser = await signed_in(supervisor())
    shown = await browser.get(f"/supervisor/ajustes?q={'x' * 500}&despues={'9' * 40}&estado=%3Cb%3E")
    assert shown.status == 200
    assert f'value="{"x" * 100}"' in shown.text
    assert "<b>" not in shown.text.partition("admin-tabs")[2].partition("</nav>")[0]


@pytest.mark.gen_test
async def test_agents_have_no_link_to_it(server, signed_in):
    browser = await signed_in(agent())
    assert "rail-settings" not in (await browser.get("/agente/citas")).text


class Forms:
    """Every form of the administration: its page, its id, where it is sent, and words to type by field."""

    def __init__(self):
        self.yuliana = agent()
        add_second_factor(self.yuliana)
        topic, german = create_topic("pagos"), professional()
        reply = CannedReply.create(shortcut="hola", title="Hola", text="Hola", updated_at=datetime.now(UTC))
        edited = {
            "temas": (topic.id, {"nombre": "Cirugías"}),
            "especialidades": (specialty().id, {"nombre": "Medicina del viajero"}),
            "planes": (get_plan().id, {"nombre": "Plan mayor"}),
            "respuestas": (reply.id, {"title": "Otro saludo"}),
            "profesionales": (german.id, {"direccion": "Carrera 7 # 1-2"}),
            "personas": (self.yuliana.agent_id, {"nombres": "Yuli"}),
        }
        paths = [(f"/supervisor/ajustes/{name}/{row_id}", typed) for name, (row_id, typed) in edited.items()]
        paths += [(path, typed) for path, typed, _ in NEW_ROWS]
        paths += [("/supervisor/ajustes/retencion", {"avisos": "44"}), ("/supervisor/ajustes/niveles", TIMES)]
        paths += [("/supervisor/ajustes/niveles/pagos", {**TIMES, "primera": "3"})]
        self.all = [(path, "level-form" if "niveles" in path else "edit-form", path, typed) for path, typed in paths]
        day = {"fecha": "2027-12-24", "que": "abierto", "desde": "08:00", "hasta": "12:00"}
        person, doctor = paths[5][0], paths[4][0]
        self.all += [
            (person, "reset-form", f"{person}/segundo-paso", {"motivo": "Perdió el celular y los códigos"}),
            (doctor, "day-form", f"{doctor}/dias", day),
            (HOURS, "week-form", f"{HOURS}/semana", {"dia-0-0-hasta": "12:00"}),
            (HOURS, "day-form", f"{HOURS}/dias", day),
        ]


@pytest.mark.gen_test
async def test_what_is_over_the_quota_is_said_beside_what_was_typed(server, signed_in):
    marta, forms = supervisor(), Forms()
    browser = await signed_in(marta)
    now = datetime.now(UTC)
    QuotaUse.insert(user=marta.id, quota="audited", used=1000, began_at=now).on_conflict_ignore().execute()
    QuotaUse.update(used=1000, began_at=now).where(QuotaUse.user == marta.id).execute()
    for page, form_id, path, typed in forms.all:
        sent = {**read_form((await browser.get(page)).text, form_id), **typed}
        answer = await browser.post(path, **sent)
        assert (path, answer.status) == (path, 200)
        assert (path, "Intente de nuevo en" in answer.text) == (path, True)
        kept = read_form(answer.text, form_id)
        assert (path, {name: kept.get(name, "") for name in typed}) == (path, typed)


INVALID = 'aria-invalid="true"'
ODD = ("", "x" * 5000, "-1", '<b>"&')
WEEKDAYS = (
    *(f"dia-{number}" for number in range(1, 7)),
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
)


# One test for each: all together take twenty seconds, and on a machine with other work to do a minute.
@pytest.mark.parametrize("odd", ODD, ids=["none", "long", "negative", "markup"])
@pytest.mark.gen_test(timeout=60)
async def test_odd_words_in_any_field_are_refused_beside_it_and_kept(server, signed_in, odd):
    forms, refused, wrong = Forms(), 0, []
    browser = await signed_in(supervisor())
    for page, form_id, path, typed in forms.all:
        opened = await browser.get(page)
        form = read_form(opened.text, form_id)
        for name in list(form):
            # One weekday is as good as another.
            if f'type="hidden" name="{name}"' in opened.text or name.startswith(WEEKDAYS):
                continue
            answer = await browser.post(path, **{**form, **typed, name: odd})
            if answer.status == 303:
                # What was taken has another version now.
                form = read_form((await browser.get(page)).text, form_id)
                continue
            box = re.search(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', answer.text)
            named = {name} if "nuev" not in path else {name, *typed}  # Where a row was created, its name is taken.
            is_named = any(f'id="{one}-error"' in answer.text for one in named) or (box and INVALID in box[0])
            is_text = box and 'type="radio"' not in box[0] and 'type="checkbox"' not in box[0]
            is_kept = not is_text or read_form(answer.text, form_id)[name] == odd
            if answer.status != 200 or not is_named or not is_kept:
                wrong.append((path, name, odd[:12], answer.status, bool(is_named), is_kept))
            refused += 1
    assert not wrong, "\n".join(map(str, wrong))
    assert refused > 50


@pytest.mark.gen_test(timeout=60)
async def test_second_of_two_who_edit_a_row_chooses_and_a_third_change_asks_again(server, signed_in):
    forms = [one for one in Forms().all if "nuev" not in one[0] and one[1] in ("edit-form", "level-form")]
    first, second = await signed_in(supervisor("Gloria")), await signed_in(supervisor("Marta"))
    for page, form_id, path, typed in forms:
        name = next(iter(typed))
        other = {"avisos": "55", "primera": "7"}.get(name, "Palabras de Gloria")
        newest = {"avisos": "66", "primera": "8"}.get(name, "Las últimas palabras")
        form = read_form((await second.get(page)).text, form_id)
        for saved in (other, newest):
            now = {**read_form((await first.get(page)).text, form_id), **typed, name: saved}
            assert (path, (await first.post(path, **without_token(now))).status) == (path, 303)
            asked = await second.post(path, **{**form, **typed})
            assert (path, asked.status, 'id="clash"' in asked.text, "Gloria" in asked.text) == (path, 200, True, True)
            assert (path, saved in asked.text) == (path, True)
            form = read_form(asked.text, "clash-form")
            assert (path, form[name]) == (path, typed[name])
        done = await second.post(path, **form)
        assert (path, done.status) == (path, 303)
        assert read_form((await second.get(page)).text, form_id)[name] == typed[name]


def without_token(form):
    """The fields of a form without its token, which `CookieClient` adds."""
    return {name: text for name, text in form.items() if name != "_xsrf"}

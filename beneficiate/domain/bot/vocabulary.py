"""Words that people use for a command, a button or a greeting, in the form that `search.fold` returns."""

from typing import Literal

BotCommand = Literal["volver", "cancelar", "ayuda", "agente", "reprogramar"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|"))


COMMAND_PHRASES: dict[BotCommand, frozenset[str]] = {
    "volver": _phrases("volver | volver atras | atras | regresar | devolverse"),
    "cancelar": _phrases("cancelar | cancela | cancelar cita | cancelar la cita | cancelar la solicitud | salir"),
    "ayuda": _phrases(
        """ayuda | ayudeme | ayudenme | ayuda por favor | ayudeme por favor | ayudenme por favor | necesito ayuda
        | necesito ayuda por favor | me ayuda | me ayudan | no entiendo | no entendi | help"""
    ),
    "agente": _phrases(
        """agente | asesor | asesora | persona | humano | un agente | un asesor | una asesora | una persona
        | hablar con un agente | hablar con un asesor | hablar con una asesora | hablar con una persona
        | quiero hablar con un agente | quiero hablar con un asesor | quiero hablar con una persona"""
    ),
    "reprogramar": _phrases("reprogramar | reprogramacion | mover | aplazar | posponer | aplazarla | moverla"),
}

PERSON_VERBS = _words(
    """hablar hable hablo comunicar comuniqueme comunicarme comuniquenme comunicame paseme pasenme pasame
    pasarme llamen llame llamenme quiero quisiera necesito deseo prefiero hay atienda atiendan
    atiendame conteste contesten"""
)
PERSONS = _words(
    """alguien persona personas asesor asesora asesores agente agentes humano humana operador operadora representante
    funcionario funcionaria"""
)
PERSON_FILLERS = _words(
    """a al con el la me le por favor ya un una que hablar hable comunicar comunicarme comunique comuniquen pase pasen
    atienda llamen hay urgente directamente mejor"""
)
"""Between a verb and a person; any other word there means something else, such as an appointment for a person."""

MOVE_VERBS = _words(
    """mover muevan mueva muevame correr corran corrame cambiar cambien cambie cambiarme reprogramar reprogramen
    reprograme aplazar aplacen aplace posponer pospongan posponga trasladar adelantar atrasar"""
)
MOVED_WORDS = _words("cita citas")
UNMOVED_WORDS = _words("ciudad especialidad motivo paciente profesional medico medica doctor doctora tipo")
"""Between the two: something else of an appointment, which is not its time."""

GREETINGS = _phrases(
    """hola | buenas | buenos dias | buen dia | buenas tardes | buenas noches | hola buenas | hola buenos dias
    | hola buenas tardes | hola buenas noches | cita | una cita | nueva cita | otra cita | pedir cita | pedir una cita
    | pedir otra cita | quiero una cita | quiero otra cita | necesito una cita | necesito otra cita | agendar cita
    | agendar una cita | inicio | empezar | empezar de nuevo | init | chatbot init"""
)

_AGREEING = _phrases(
    """si | si si | si por favor | si senor | sisas | de una | dale | bueno | claro | claro que si | obvio | hagale
    | ok | listo"""
)
_REFUSING = _phrases("no | no no | no gracias | nones | nop")

BUTTON_SYNONYMS: dict[str, frozenset[str]] = {
    "keep": _phrases("dejarla asi | dejarla | dejela asi | dejela como esta | conservarla | no moverla | mejor no"),
    "move": _phrases("mover una cita | mover mi cita | mover la cita"),
    "own": _phrases("en mi ciudad | mi ciudad | aqui | aca | en la misma | la misma") | _AGREEING,
    "other": _phrases("otra | otra ciudad | en otra") | _REFUSING,
    "first": _phrases("primera | por primera vez | es la primera vez | primera cita | 1a vez | nueva | nuevo"),
    "no_reason": _phrases(
        """prefiero no decir | prefiero no contarlo | prefiero no | mejor no | no quiero | no quiero decirlo
        | no quiero contarlo | no deseo | no deseo decirlo | no deseo contarlo | ninguno | ninguna | ningun motivo
        | sin motivo | nada | no aplica"""
    )
    | _REFUSING,
    "control": _phrases("de control | es control | es un control | seguimiento | revision"),
    "contact": _phrases("contactenme | que me llamen | llamenme | ninguno | ninguna | ningun horario"),
    "person": _AGREEING,
    "continue": _phrases("continuar | continua | seguir | sigamos | nada") | _REFUSING,
    "new": _phrases("otra | nueva"),
    "other_patient": _phrases("otra | otro | otra persona | para otra persona | no"),
    "more": _phrases(
        """mas | mas tarde | mas horarios | mas opciones | ver mas | otro horario | otra hora | otros horarios | despues
        | los siguientes | otros"""
    ),
    "another_day": _phrases("otro dia | otros dias | el dia siguiente | al otro dia | al dia siguiente"),
    "another_professional": _phrases(
        """otro medico | otra medica | otro doctor | otra doctora | otro especialista | con otro | con otra
        | otros profesionales | otros medicos"""
    ),
    "any_professional": _phrases("cualquiera | con el que sea | el que sea | da igual | me da igual"),
    "next_page": _phrases("mas | ver mas | siguiente | siguientes | las otras | otras | mas especialidades"),
}
"""Synonyms of a button's label, by its key."""

STORAGE_REFUSALS = (
    "no autorizo", "no lo autorizo", "no les autorizo", "no doy autorizacion", "no doy mi autorizacion",
    "no doy permiso", "no lo guarden", "no guarden", "sin autorizacion",
)  # fmt: skip
"""Words of somebody who was asked for a reason and does not want it stored, anywhere in the answer."""

MYSELF_PHRASES = _phrases("yo | mi | para mi | a mi | soy yo | para mi mismo | para mi misma | yo mismo | yo misma")
THAT_ONE_WORDS = _words("si esa ese esta este correcto")
YES_WORDS = _words(
    """si sip sisas sizas confirmo confirmar correcto correcta claro acepto listo dale ok okay okey vale perfecto obvio
    bueno hagale hagamosle eso exacto exactamente efectivamente afirmativo"""
)
YES_FILLERS = _words("todo esta bien es de acuerdo por favor senor senora senorita gracias asi muy la cita")
YES_PHRASES = _phrases(
    """esta bien | todo bien | todo esta bien | muy bien | de acuerdo | asi es | de una | de una si | por supuesto
    | claro que si | me parece | me sirve | hagale pues | bueno pues | de una pues | obvio que si"""
)
YES_SIGNS = frozenset("👍👌✅🆗")
NO_SIGNS = frozenset("👎❌🚫")
"""Emoji that answer a question alone, with any skin tone."""
NO_WORDS = _words("no nop nones nanay negativo incorrecto incorrecta cambiar corregir")
NO_FILLERS = YES_FILLERS | _words("todavia aun confirmo correcto correcta quiero")
FILLER_WORDS = _words(
    """el la los las un una a de del con en para por favor no si pero quiero prefiero cambiar cambie cambio corregir
    corrija opcion numero"""
)
"""Words that do not distinguish between options."""

DOCUMENT_TYPE_WORDS = _words(
    """cc ti ce rc pa pp pe ppt pep nit nuip c t i e r p cedula pasaporte registro tarjeta identidad civil ciudadania
    extranjeria documento numero no nro n o de es mi el la su soy gracias"""
)

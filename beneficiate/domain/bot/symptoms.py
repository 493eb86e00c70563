"""Which specialty usually sees a common complaint. Never a diagnosis: the member chooses.

The areas of the specialties follow MedlinePlus en español (National Library of Medicine of the United States), "Tipos
de proveedores de atención médica", https://medlineplus.gov/spanish/ency/article/001933.htm: the heart is of cardiology,
the skin of dermatology, bones and joints of orthopaedics, and so on. The everyday words for them are ours.
"""

from beneficiate.folding import fold

GENERAL_MEDICINE = "Medicina general"
_MAX_WORDS_READ = 40


def _complaints(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in text.split("|"))


_COMPLAINTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Odontología": _complaints("muela | muelita | diente | encia | caries | calza | cordal"),
    "Ortopedia y traumatología": _complaints(
        "espalda | cintura | columna | rodilla | hombro | tobillo | cadera | esguince | torci pie | duele muneca"
    ),
    "Reumatología": _complaints("artritis | articulacion | coyuntura"),
    "Dermatología": _complaints(
        "acne | espinilla | mancha | lunar | sarpullido | brote | rasquin | picazon | cae pelo"
    ),
    "Alergología": _complaints("rinitis | estornud"),
    "Gastroenterología": _complaints(
        "gastritis | reflujo | acidez | estren | agriera | duele barriga | dolor barriga | colon"
    ),
    "Neurología": _complaints("migrana | jaqueca | duele cabeza | dolor cabeza | dolores cabeza"),
    "Otorrinolaringología": _complaints("vertigo | amigdal | sinusitis | duele oido | dolor oido"),
    "Oftalmología": _complaints("vision | vista | borroso"),
    "Psicología": _complaints("ansiedad | ansios | depre | triste | estres | insomnio"),
    "Urología": _complaints("orin"),
    "Ginecología y obstetricia": _complaints("menstrua | citologia | colico regla | embarazada"),
    "Endocrinología": _complaints("diabetes | azucar | tiroid"),
    "Cardiología": _complaints("presion alta | tension alta | palpitacion"),
    "Neumología": _complaints("asma"),
    "Nutrición y dietética": _complaints("bajar peso | sobrepeso"),
    GENERAL_MEDICINE: _complaints("gripa | gripe | fiebre | tos | mareo | malestar | chequeo"),
}
"""By the official name of a specialty: beginnings of words that must all be in the text."""

_WHOLE_WORDS = frozenset({"tos", "cae", "alta", "vista", "asma", "colon", "lunar", "brote", "pie"})


def usual_specialties(text: str) -> list[str]:
    """Return who usually sees the complaint in a text, then general medicine; nothing without a known complaint."""
    words = fold(text).split()[:_MAX_WORDS_READ]
    found = [
        name
        for name, complaints in _COMPLAINTS.items()
        if any(all(_is_mentioned(stem, words) for stem in stems) for stems in complaints)
    ]
    return list(dict.fromkeys((*found, GENERAL_MEDICINE))) if found else []


def is_known_specialty(name: str) -> bool:
    """Return whether complaints lead to a specialty of this name."""
    return name in _COMPLAINTS


def _is_mentioned(stem: str, words: list[str]) -> bool:
    return stem in words if stem in _WHOLE_WORDS else any(word.startswith(stem) for word in words)

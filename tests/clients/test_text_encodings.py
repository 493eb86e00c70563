"""The encoding of a file: told for certain, or refused where names would become others."""

import pytest

from beneficiate.clients import text_encodings
from beneficiate.clients.text_encodings import TELLING_BYTES, WINDOWS_1252, UnknownEncoding, decode_text

TEXT = "Tipo;Documento;Nombres;Apellidos;Correo\nCC;1;{};Paz;a@x.co\n"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize("name", ["José", "RAÚL", "Iván", "GARCÍA", "Peña", "Óscar", "MUÑOZ", "PÉREZ", "Agüero"])
def test_encoding_that_would_change_a_name_is_refused(encoding, name):
    text = TEXT.format(name)
    with pytest.raises(UnknownEncoding):
        decode_text(text.encode(encoding))
    assert decode_text(text.encode("cp1252")) == (text, WINDOWS_1252)


@pytest.mark.parametrize("name", ["O’Neil", "Juan\xa0Carlos", "Juan\xa0", "François", "Núñez Žižek", "Ana – Sofía"])
def test_other_signs_of_windows_are_no_letters_of_another_encoding(name):
    text = TEXT.format(name)
    assert decode_text(text.encode("cp1252")) == (text, WINDOWS_1252)


def test_what_may_be_either_is_not_guessed():
    """`Žofie` of Windows-1252 is `éofie` of a Macintosh."""
    with pytest.raises(UnknownEncoding):
        decode_text(TEXT.format("Žofie").encode("cp1252"))


def test_encoding_is_told_by_the_lines_with_accents_alone(monkeypatch):
    """However far down the first of them is, and however long the file: all of it would hold every other thread up."""
    counted = []
    count = text_encodings._count_spanish_letters
    monkeypatch.setattr(text_encodings, "_count_spanish_letters", lambda text: counted.append(len(text)) or count(text))
    plain, accented = TEXT.format("Rosa") * 20_000, TEXT.format("José") * 20_000
    with pytest.raises(UnknownEncoding):
        decode_text((plain + accented).encode("mac_roman"))
    assert max(counted) <= TELLING_BYTES
    assert decode_text((plain + accented).encode("cp1252"))[0] == plain + accented

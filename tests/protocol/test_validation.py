"""Sentences about what does not fit a struct."""

from typing import Annotated

import msgspec
import pytest

from beneficiate.protocol.validation import describe_invalid_field


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    short: Annotated[str, msgspec.Meta(max_length=1)] | None = None
    numbers: Annotated[list[int], msgspec.Meta(max_length=2)] = []
    by_id: Annotated[dict[int, int], msgspec.Meta(max_length=1)] = {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "a" * 4001}, "El dato «text» puede tener hasta 4.000 caracteres."),
        ({"text": ""}, "El dato «text» debe tener al menos 1 carácter."),
        ({"short": "ab"}, "El dato «short» puede tener hasta 1 carácter."),
        ({"numbers": [1, 2, 3]}, "El dato «numbers» puede tener hasta 2 elementos."),
        ({"by_id": {1: 1, 2: 2}}, "El dato «by_id» puede tener hasta 1 elemento."),
        ({"text": 5}, "El dato «text» falta, sobra o no es válido."),
        ({"other": 5}, "El dato «other» falta, sobra o no es válido."),
    ],
)
def test_sentence_names_the_field_and_its_limit(changes, sentence):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(msgspec.json.encode({"text": "a", **changes}), type=Sample)
    assert describe_invalid_field(caught.value) == sentence


def test_a_fault_of_no_field_has_no_sentence():
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b"[]", type=Sample)
    assert describe_invalid_field(caught.value) is None

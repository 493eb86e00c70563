"""A pair of keys has two halves that belong together."""

import pytest

from beneficiate.push_keys import (
    create_push_keys,
    decode_base64url,
    encode_base64url,
    find_push_error,
    load_private_key,
    load_public_point,
)

KEY, PUBLIC = create_push_keys()
OTHER_KEY, OTHER_PUBLIC = create_push_keys()


def test_made_keys_are_a_pair_and_new_each_time():
    assert find_push_error(KEY, PUBLIC, "", is_production=True) is None
    assert find_push_error("", "", "", is_production=True) is None
    assert KEY != OTHER_KEY
    assert load_public_point(PUBLIC)[0] == 4
    assert load_private_key(KEY).curve.name == "secp256r1"


@pytest.mark.parametrize(
    ("private", "public", "named"),
    [
        (KEY, "", "BENEFICIATE_PUSH_PUBLIC_KEY must be set too"),
        ("", PUBLIC, "BENEFICIATE_PUSH_KEY must be set too"),
        (KEY, OTHER_PUBLIC, "does not belong"),
        ("x", PUBLIC, "is no key"),
        ("A" * 43, PUBLIC, "is no key"),
        (KEY[:-1] + "ñ", PUBLIC, "is no key"),
    ],
    # Not by themselves: each worker draws other keys.
    ids=["no public", "no private", "of another", "short", "zeros", "no letter"],
)
def test_halves_that_are_missing_or_wrong_are_named_and_not_shown(private, public, named):
    error = find_push_error(private, public, "", is_production=False)
    assert named in error
    assert KEY not in error


@pytest.mark.parametrize("origin", ["https://push.example.com", "http://127.0.0.1:9/x", "ftp://localhost"])
def test_local_origin_is_of_this_machine(origin):
    assert "BENEFICIATE_PUSH_LOCAL_ORIGIN" in find_push_error("", "", origin, is_production=False)


def test_local_origin_is_for_development():
    assert find_push_error("", "", "http://127.0.0.1:9", is_production=False) is None
    assert "production" in find_push_error("", "", "http://127.0.0.1:9", is_production=True)


def test_base64url_has_no_other_letters_and_one_length():
    assert decode_base64url(encode_base64url(b"\xff\xfe"), 2) == b"\xff\xfe"
    for text in ("__4=x", "//4", "A", "_" * 10):
        with pytest.raises(ValueError, match=r"."):
            decode_base64url(text, 2)


def test_point_off_the_curve_is_refused():
    with pytest.raises(ValueError, match=r"curve|point|EC"):
        load_public_point(encode_base64url(b"\x04" + b"\x01" * 64))

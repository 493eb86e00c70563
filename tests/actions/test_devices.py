"""Devices are signed out from another one, and their connections are closed."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import accounts, devices
from beneficiate.actions.accounts import RefreshSignIn, SignInAttempt, StartSignIn
from beneficiate.actions.devices import SignOutDevice
from beneficiate.errors import NotFound, Unauthorized
from beneficiate.models.accounts import API_SIGN_IN, PAGE_SIGN_IN, SignIn
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_TOKEN_EXPIRED
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.accounts import find_page_actor
from tests.factories import member, supervisor

MONTH = timedelta(days=30)


@pytest.fixture
def begin(act):
    """Sign a person in and return the token."""

    def sign_in(who, kind=PAGE_SIGN_IN):
        command = StartSignIn(who.id, SignInAttempt(who.user.email, "10.0.0.1", 5, 30), kind, MONTH)
        return act(accounts.start_sign_in, command, who.actor)[0].token

    return sign_in


def row_of(token):
    return SignIn.get(SignIn.family == token.partition(".")[0])


def ended():
    return {row.family for row in SignIn if row.ended_at is not None}


def test_signing_out_a_device_closes_all_connections(act, begin):
    ana = member()
    this, other = begin(ana), begin(ana, API_SIGN_IN)
    is_this, outgoing = act(devices.sign_out_device, SignOutDevice(row_of(other).id, this), ana.actor)
    assert (is_this, ended()) == (False, {row_of(other).family})
    (ending,) = outgoing
    assert isinstance(ending.event, ConnectionsEnded)
    assert (ending.event.code, ending.channels) == (CLOSE_TOKEN_EXPIRED, (channels.user_channel(ana.id),))
    with pytest.raises(Unauthorized):
        act(accounts.refresh_sign_in, RefreshSignIn(other, MONTH), ana.actor)
    assert act(find_page_actor, this, ana.actor)[0] == ana.actor


def test_signing_out_the_requesting_device_returns_true(act, begin):
    ana = member()
    this = begin(ana)
    assert act(devices.sign_out_device, SignOutDevice(row_of(this).id, this), ana.actor)[0]
    assert act(find_page_actor, this, ana.actor)[0] is None


def test_all_the_others_end_and_nobody_elses(act, begin):
    ana, beto = member(), member()
    this, *others = [begin(ana, kind) for kind in (PAGE_SIGN_IN, PAGE_SIGN_IN, API_SIGN_IN)]
    begin(beto)
    assert len(act(devices.sign_out_other_devices, this, ana.actor)[1]) == 1
    assert ended() == {row_of(token).family for token in others}
    assert act(devices.sign_out_other_devices, this, ana.actor)[1] == []


def test_what_has_ended_stays_as_it_is(act, begin):
    ana = member()
    this, other = begin(ana), begin(ana)
    then = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
    SignIn.update(ended_at=then).where(SignIn.id == row_of(other).id).execute()
    assert act(devices.sign_out_device, SignOutDevice(row_of(other).id, this), ana.actor) == (False, [])
    assert row_of(other).ended_at == then


def test_somebody_elses_device_does_not_exist(act, begin):
    theirs = row_of(begin(member())).id
    for who in (member(), supervisor()):
        with pytest.raises(NotFound):
            act(devices.sign_out_device, SignOutDevice(theirs, "a.b"), who.actor)
    assert not ended()

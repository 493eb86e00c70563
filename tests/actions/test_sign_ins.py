"""Sign-ins start, are refreshed, stolen and ended; their tokens and connections end with them."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import presence, sign_ins
from beneficiate.actions.sign_ins import ExtendPageSession, RefreshSignIn, SignOutDevice, StartSignIn
from beneficiate.errors import AlreadyRefreshed, NotFound, RateLimited, Unauthorized
from beneficiate.models.accounts import (
    API_SIGN_IN,
    AVAILABLE,
    AWAY,
    PAGE_SIGN_IN,
    Agent,
    SignIn,
    Supervisor,
    User,
    UserConnection,
)
from beneficiate.protocol import channels
from beneficiate.protocol.events import ConnectionsEnded, UserDisconnected
from beneficiate.queries.accounts import find_page_session, identify_actors
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM
from tests.factories import agent, member, supervisor, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
FORTNIGHT, MONTH = timedelta(days=14), timedelta(days=30)
IDLE, SHIFT = timedelta(hours=2), timedelta(hours=12)
SIGNED_OUT = ConnectionsEnded(code=4401, reason="signed out")


@pytest.fixture
def do(act):
    """Run an action at so many seconds and return its result."""
    return lambda action, command, at=0.0: act(action, command, SYSTEM, NOW + timedelta(seconds=at))[0]


@pytest.fixture
def connect(act, db):
    """Register a connection of a person, opened with a token of this sign-in."""
    process_id = act(presence.register_process, "one", SYSTEM, NOW)[0]

    def register(who, sign_in_id=None):
        command = presence.RegisterConnection(process_id, 10, claims_of(who, sign_in_id))
        return act(presence.register_connections, command, who.actor, NOW)[0]

    return register


def begin(do, who, kind=API_SIGN_IN, at=0.0):
    return do(sign_ins.start_sign_in, StartSignIn(who.id, kind), at).token


def renew(do, token, at=0.0, next_secret="", device="one"):
    return do(sign_ins.refresh_sign_in, RefreshSignIn(token, next_secret, device), at)


def find_page_actor(uow, token):
    session = find_page_session(uow, token)
    return None if session is None else session.actor


def row_of(token):
    return SignIn.get(SignIn.family == token.partition(".")[0])


def claims_of(who, sign_in_id=None, issued_at=NOW):
    return TokenClaims(who.id, (NOW + MONTH).timestamp(), sign_in_id, issued_at.timestamp())


def is_admitted(do, claims, at=0.0):
    try:
        do(identify_actors, claims, at)
    except Unauthorized:
        return False
    return True


def ended():
    return {row.family for row in SignIn if row.ended_at is not None}


def emitted(outgoing):
    return [(one.event, one.channels) for one in outgoing if isinstance(one.event, ConnectionsEnded)]


def test_sign_in_returns_the_actor_and_stores_only_a_digest(do, db):
    yuliana = agent()
    signed_in = do(sign_ins.start_sign_in, StartSignIn(yuliana.id, API_SIGN_IN))
    family, secret = signed_in.token.split(".")
    row = SignIn.get()
    assert signed_in.actor == yuliana.actor
    assert (row.family, row.user_id, row.expires_at) == (family, yuliana.id, NOW + SHIFT)
    assert secret not in row.secret_hash


def test_deactivated_person_does_not_sign_in(do, db):
    with pytest.raises(Unauthorized):
        begin(do, member(is_active=False))
    assert not SignIn.select().exists()


def test_refreshed_token_replaces_the_old_one(do, db):
    ana = member()
    old = begin(do, ana)
    new = renew(do, old, 60)
    assert new.actor == ana.actor
    assert new.token != old
    assert SignIn.get().expires_at == NOW + timedelta(seconds=60) + FORTNIGHT
    assert renew(do, new.token, 120).token


def test_lost_answer_is_given_again_to_who_chose_the_next_secret(do, db):
    token, chosen = begin(do, member()), "c" * 32
    first = renew(do, token, next_secret=chosen).token
    assert first == f"{token.partition('.')[0]}.{chosen}"
    assert renew(do, token, 1, chosen).token == first
    assert renew(do, first, 2).token not in ("", first)
    # After the next exchange it is an old secret as any other, however soon it comes.
    assert renew(do, token, 3, chosen).token == ""
    with pytest.raises(Unauthorized):
        renew(do, first, 4)


def test_who_does_not_know_the_next_secret_has_stolen_the_token(do, db):
    token = begin(do, member())
    first = renew(do, token, next_secret="c" * 32).token
    assert renew(do, token, 5, "d" * 32).token == ""
    with pytest.raises(Unauthorized):
        renew(do, first, 6)


def test_two_windows_of_a_device_that_refresh_at_once_stay_signed_in(do, db):
    token = begin(do, member())
    first = renew(do, token, next_secret="c" * 32).token
    for at, secret in ((0, ""), (1, "d" * 32), (4.9, "")):
        with pytest.raises(AlreadyRefreshed):
            renew(do, token, at, secret)
    assert renew(do, first, 5).token


def test_second_use_of_a_token_by_another_device_is_theft_at_once(do, db):
    token = begin(do, member())
    first = renew(do, token).token
    assert renew(do, token, 0.1, device="two").token == ""
    with pytest.raises(Unauthorized):
        renew(do, first, 1)


def test_thief_who_refreshes_first_is_noticed_after_the_interval(do, db):
    token = begin(do, member())
    stolen = renew(do, token).token
    with pytest.raises(AlreadyRefreshed):
        renew(do, token, 1)
    assert renew(do, token, 6).token == ""
    with pytest.raises(Unauthorized):
        renew(do, stolen, 7)


def test_reused_token_ends_its_family(do, db):
    ana = member()
    other = begin(do, ana)
    old = begin(do, ana)
    new = renew(do, old).token
    # Nothing is raised: that would roll the end of the family back.
    assert renew(do, old, 10).token == ""
    with pytest.raises(Unauthorized):
        renew(do, new, 11)
    assert renew(do, other).token


@pytest.mark.parametrize("token", ["", ".", "hola", "a.b", "00000000-0000-0000-0000-000000000000.x", "ñ.ñ"])
def test_invalid_token_refreshes_nothing(do, db, token):
    with pytest.raises(Unauthorized):
        renew(do, token)
    with pytest.raises(Unauthorized):
        do(sign_ins.end_sign_in, token)
    assert do(find_page_actor, token) is None


def test_token_expires(do, db):
    token = begin(do, member())
    with pytest.raises(Unauthorized):
        renew(do, token, FORTNIGHT.total_seconds())


def test_refreshing_does_not_go_beyond_the_longest_life(do, db):
    for who, longest, step in ((member(), MONTH, timedelta(days=13)), (agent(), SHIFT, timedelta(hours=5))):
        token, at = begin(do, who), timedelta(0)
        while at + step < longest:
            at += step
            token = renew(do, token, at.total_seconds()).token
        assert row_of(token).expires_at == NOW + longest
        own = claims_of(who, row_of(token).id)
        assert is_admitted(do, own, longest.total_seconds() - 1)
        assert not is_admitted(do, own, longest.total_seconds())
        with pytest.raises(Unauthorized):
            renew(do, token, longest.total_seconds())


def test_sign_in_of_before_is_not_refreshed_beyond_its_longest_life(do, db):
    token = begin(do, member())
    SignIn.update(expires_at=NOW + 2 * MONTH).execute()
    with pytest.raises(Unauthorized):
        renew(do, token, MONTH.total_seconds())


def test_who_becomes_one_of_the_staff_signs_in_again_the_same_day(do, db):
    ana = member()
    token = begin(do, ana)
    Supervisor.appoint(ana.user, NOW)
    token = renew(do, token, 60).token
    assert row_of(token).expires_at == NOW + SHIFT


def extend_if_used(do, token, at):
    """Use a page's cookie as a request does; return when its session ends."""
    session = do(find_page_session, token, at.total_seconds())
    if session.extended_until is not None:
        command = ExtendPageSession(session.sign_in_id, session.extended_until)
        do(sign_ins.extend_page_session, command, at.total_seconds())
    return row_of(token).expires_at - NOW


def test_page_session_ends_two_hours_after_its_last_use_and_after_twelve_in_all(do, db):
    token = begin(do, member(), PAGE_SIGN_IN)
    minutes = timedelta(minutes=1)
    assert extend_if_used(do, token, 11 * minutes) == IDLE
    assert extend_if_used(do, token, 12 * minutes) == IDLE + 12 * minutes
    assert extend_if_used(do, token, IDLE) == 2 * IDLE
    assert do(find_page_session, token, (2 * IDLE).total_seconds()) is None
    used = begin(do, member(), PAGE_SIGN_IN)
    ends = [extend_if_used(do, used, number * timedelta(hours=1)) for number in range(12)]
    assert ends[-2:] == [SHIFT, SHIFT]
    assert do(find_page_session, used, SHIFT.total_seconds()) is None


def test_remembered_page_session_needs_no_use(do, db):
    token = do(sign_ins.start_sign_in, StartSignIn(member().id, PAGE_SIGN_IN, is_remembered=True)).token
    assert extend_if_used(do, token, 11 * timedelta(hours=1)) == SHIFT


def test_ended_page_session_is_not_extended(do, db):
    token = begin(do, member(), PAGE_SIGN_IN)
    session = do(find_page_session, token, 3600)
    do(sign_ins.end_sign_in, token, 3601)
    do(sign_ins.extend_page_session, ExtendPageSession(session.sign_in_id, session.extended_until), 3602)
    assert row_of(token).expires_at == NOW + IDLE
    assert do(find_page_session, token, 3602) is None


def test_page_and_api_sign_ins_are_not_interchangeable(do, db):
    yuliana = agent()
    page, api = begin(do, yuliana, PAGE_SIGN_IN), begin(do, yuliana, API_SIGN_IN)
    assert do(find_page_actor, page) == yuliana.actor
    assert do(find_page_actor, api) is None
    with pytest.raises(Unauthorized):
        renew(do, page)


def test_cookie_with_a_nul_belongs_to_nobody(do, db):
    assert do(find_page_actor, "\0.x") is None


def test_signing_out_ends_one_device(do, db):
    yuliana = agent()
    here, there = begin(do, yuliana, PAGE_SIGN_IN), begin(do, yuliana, PAGE_SIGN_IN)
    do(sign_ins.end_sign_in, here)
    assert do(find_page_actor, here) is None
    assert do(find_page_actor, there) == yuliana.actor
    with pytest.raises(Unauthorized):
        do(sign_ins.end_sign_in, here)


def test_role_of_a_page_is_the_present_one(do, db):
    yuliana = agent()
    token = begin(do, yuliana, PAGE_SIGN_IN)
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert do(find_page_actor, token).role == "member"
    Supervisor.appoint(yuliana.user, NOW)
    assert do(find_page_actor, token).role == "supervisor"


def test_supervisor_keeps_or_gets_an_agent_row(do, db):
    yuliana, marta = agent(), supervisor()
    Supervisor.appoint(yuliana.user, NOW)
    for who in (yuliana, marta):
        actor = do(find_page_actor, begin(do, who, PAGE_SIGN_IN))
        assert (actor.role, actor.agent_id) == ("supervisor", who.agent_id)
        row = Agent.get_by_id(who.agent_id)
        assert (row.status, row.availability) == ("ACTIVE", "offline")


def test_refresh_token_that_was_exchanged_signs_out_too(do, db):
    ana = member()
    old = begin(do, ana)
    new = renew(do, old).token
    assert do(sign_ins.end_sign_in, old) == ana.id
    with pytest.raises(Unauthorized):
        renew(do, new)


def test_cookie_with_another_secret_signs_nobody_out(do, db):
    token = begin(do, member(), PAGE_SIGN_IN)
    with pytest.raises(Unauthorized):
        do(sign_ins.end_sign_in, f"{row_of(token).family}.x")
    assert not ended()


def test_oldest_sign_ins_end_beyond_the_limit_of_a_person(do, db):
    ana, beto = member(), member()
    theirs = begin(do, beto)
    tokens = [begin(do, ana, PAGE_SIGN_IN if number % 2 else API_SIGN_IN) for number in range(22)]
    assert ended() == {row_of(token).family for token in tokens[:2]}
    assert row_of(theirs).ended_at is None


def test_too_many_sign_ins_in_an_hour_are_refused(do, db):
    ana = member()
    for _ in range(200):
        begin(do, ana)
    with pytest.raises(RateLimited, match="60 minutos"):
        begin(do, ana)
    assert begin(do, ana, at=3600)


# ---- What ends with a sign-in --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PAGE_SIGN_IN, API_SIGN_IN])
def test_access_tokens_end_with_their_sign_in(do, db, kind):
    ana, beto = member(), member()
    token, other = begin(do, ana, kind), begin(do, ana, kind)
    own, others = claims_of(ana, row_of(token).id), claims_of(ana, row_of(other).id)
    assert is_admitted(do, own)
    do(sign_ins.end_sign_in, token)
    assert not is_admitted(do, own)
    assert is_admitted(do, others)
    assert not is_admitted(do, claims_of(beto, row_of(other).id))
    assert not is_admitted(do, others, MONTH.total_seconds())


def test_theft_ends_access_tokens_and_connections(act, do, connect):
    ana = member()
    token = begin(do, ana)
    sign_in_id = row_of(token).id
    connect(ana, sign_in_id)
    renew(do, token)
    _, outgoing = act(sign_ins.refresh_sign_in, RefreshSignIn(token, device="another"), SYSTEM, NOW)
    assert emitted(outgoing) == [(SIGNED_OUT, (channels.sign_in_channel(sign_in_id),))]
    assert not is_admitted(do, claims_of(ana, sign_in_id))


def test_connection_of_an_ended_sign_in_is_not_registered(do, connect):
    ana = member()
    token = begin(do, ana)
    sign_in_id = row_of(token).id
    do(sign_ins.end_sign_in, token)
    with pytest.raises(Unauthorized):
        connect(ana, sign_in_id)
    assert not UserConnection.select().exists()
    assert not User.get_by_id(ana.id).online_status


def test_agent_who_signs_out_is_offline_and_away_at_once(act, do, connect):
    yuliana, ana = agent(availability=AVAILABLE), member()
    Agent.update(availability=AVAILABLE).execute()
    chat = support_chat(ana, yuliana, awaiting_since=NOW)
    here, there = begin(do, yuliana, PAGE_SIGN_IN), begin(do, yuliana, PAGE_SIGN_IN)
    for token in (here, here, there):
        connect(yuliana, row_of(token).id)
    _, outgoing = act(sign_ins.end_sign_in, here, SYSTEM, NOW)
    assert [type(one.event) for one in outgoing] == [ConnectionsEnded]
    assert (Agent.get().availability, User.get_by_id(yuliana.id).online_status) == (AVAILABLE, True)
    _, outgoing = act(sign_ins.end_sign_in, there, SYSTEM, NOW)
    assert UserDisconnected(user_id=yuliana.id) in [one.event for one in outgoing]
    row = Agent.get()
    assert (row.availability, row.reason) == (AWAY, "Cerró la sesión")
    assert not User.get_by_id(yuliana.id).online_status
    assert type(chat).get_by_id(chat.id).status == "WAITING"


def test_agent_without_a_connection_is_away_after_signing_out(do, db):
    yuliana = agent()
    Agent.update(availability=AVAILABLE).execute()
    do(sign_ins.end_sign_in, begin(do, yuliana, PAGE_SIGN_IN))
    assert Agent.get().availability == AWAY


# ---- Devices -------------------------------------------------------------------------------------


def test_signing_out_a_device_closes_its_connections_alone(act, do, connect):
    ana = member()
    this, other = begin(do, ana, PAGE_SIGN_IN), begin(do, ana)
    kept, dropped = connect(ana, row_of(this).id), connect(ana, row_of(other).id)
    is_this, outgoing = act(sign_ins.sign_out_device, SignOutDevice(row_of(other).id, this), ana.actor)
    assert (is_this, ended()) == (False, {row_of(other).family})
    assert emitted(outgoing) == [(SIGNED_OUT, (channels.sign_in_channel(row_of(other).id),))]
    assert [row.id for row in UserConnection] == [kept] != [dropped]
    with pytest.raises(Unauthorized):
        renew(do, other)
    assert do(find_page_actor, this) == ana.actor


def test_signing_out_the_requesting_device_returns_true(act, do, db):
    ana = member()
    this = begin(do, ana, PAGE_SIGN_IN)
    assert act(sign_ins.sign_out_device, SignOutDevice(row_of(this).id, this), ana.actor)[0]
    assert do(find_page_actor, this) is None


def test_all_the_others_end_and_nobody_elses(act, do, connect):
    ana, beto = member(), member()
    this, *others = [begin(do, ana, kind) for kind in (PAGE_SIGN_IN, PAGE_SIGN_IN, API_SIGN_IN)]
    begin(do, beto)
    kept = connect(ana, row_of(this).id)
    unlisted = [claims_of(who) for who in (ana, beto)]
    connect(ana)
    _, outgoing = act(sign_ins.sign_out_other_devices, this, ana.actor, NOW)
    assert emitted(outgoing) == [
        (SIGNED_OUT, tuple(channels.sign_in_channel(row_of(token).id) for token in others)),
        (SIGNED_OUT, (channels.unlisted_channel(ana.id),)),
    ]
    assert ended() == {row_of(token).family for token in others}
    assert [row.id for row in UserConnection] == [kept]
    assert [is_admitted(do, claims) for claims in unlisted] == [False, True]
    assert is_admitted(do, claims_of(ana, issued_at=NOW + timedelta(seconds=1)))
    assert act(sign_ins.sign_out_other_devices, this, ana.actor, NOW)[1] == []


def test_what_has_ended_stays_as_it_is(act, do, db):
    ana = member()
    this, other = begin(do, ana, PAGE_SIGN_IN), begin(do, ana, PAGE_SIGN_IN)
    SignIn.update(ended_at=NOW).where(SignIn.id == row_of(other).id).execute()
    assert act(sign_ins.sign_out_device, SignOutDevice(row_of(other).id, this), ana.actor) == (False, [])
    assert row_of(other).ended_at == NOW


def test_somebody_elses_device_does_not_exist(act, do, db):
    theirs = row_of(begin(do, member())).id
    for who in (member(), supervisor()):
        with pytest.raises(NotFound):
            act(sign_ins.sign_out_device, SignOutDevice(theirs, "a.b"), who.actor)
    assert not ended()

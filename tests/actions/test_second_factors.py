"""The second factor of the staff: set up, used once, renewed, turned off, reset; whoever it concerns is told."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import passwords, second_factors, sign_ins
from beneficiate.actions.second_factors import ConfirmSetup, ProveFactor, ResetSecondFactor
from beneficiate.domain import second_factor
from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.encryption import SecretCipher
from beneficiate.errors import Conflict, InvalidForm, NotFound, Unavailable
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.second_factors import RecoveryCode, SecondFactor, SignInChallenge
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.sign_in_errors import WrongCode
from beneficiate.unit_of_work import SYSTEM
from tests.audit import reason_of
from tests.factor_steps import Application, add_second_factor, forget_last_step
from tests.factories import agent, member, supervisor

NOW = datetime(2026, 8, 25, 15, 0, 7, tzinfo=UTC)
REQUIRED = replace(DEFAULT_RULES, requires_second_factor=True)
REASON = "Perdió el celular; la llamé a su extensión."


def sign_in(act, who, **columns):
    """Open a page session after both steps; its row and token."""
    command = sign_ins.StartSignIn(who.id, PAGE_SIGN_IN, has_second_step=True)
    started = act(sign_ins.start_sign_in, command, who.actor, NOW)[0]
    return SignIn.get_by_id(started.sign_in_id), started.token


def prove(who, code, token):
    """What the forms of the page take, after the password was right."""
    return ProveFactor(code, token, who.user.password_hash)


def set_up(act, who, code="", token="", at=NOW):
    """Set an application up, and return it with its recovery codes."""
    setup = act(second_factors.begin_setup, prove(who, code, token), who.actor, at)[0]
    application = Application(setup.secret)
    command = ConfirmSetup(setup.sealed, application.code(at=at), token)
    application.recovery_codes = act(second_factors.confirm_setup, command, who.actor, at)[0]
    return application


def use(act, who, code, at=NOW):
    """Use a code up and return whether it was one for recovery."""
    factor = SecondFactor.get(SecondFactor.user == who.id)
    return act(lambda uow, text: second_factors.accept_code(uow, factor, text), code, who.actor, at)[0]


def letters(who):
    return [row.kind for row in AccountEmail.select().where(AccountEmail.user == who.id).order_by(AccountEmail.id)]


def audited(what):
    return list(AuditEntry.select().where(AuditEntry.what == what))


def test_setting_up_ends_other_sign_ins_and_is_told(act):
    yuliana = agent()
    here, token = sign_in(act, yuliana)
    elsewhere, _ = sign_in(act, yuliana)
    setup = act(second_factors.begin_setup, prove(yuliana, "", token), yuliana.actor, NOW)[0]
    assert not SecondFactor.select().exists()
    application = Application(setup.secret)
    codes, said = act(
        second_factors.confirm_setup, ConfirmSetup(setup.sealed, application.code(at=NOW), token), yuliana.actor, NOW
    )
    assert len(set(codes)) == 10
    assert [type(one.event) for one in said] == [ConnectionsEnded]
    ended = {row.id: row.ended_at for row in SignIn.select()}
    assert (ended[here.id], ended[elsewhere.id]) == (None, NOW)
    assert User.get_by_id(yuliana.id).tokens_valid_after == NOW
    assert letters(yuliana) == ["enrolled"]
    assert json.loads(audited("factor.enrol")[0].after) == {"second_factor": True}


def test_database_has_neither_secret_nor_codes_in_plain(act, db):
    yuliana = agent()
    application = set_up(act, yuliana)
    tables = (SecondFactor, RecoveryCode, AccountEmail, AuditEntry)
    stored = json.dumps([list(table.select().tuples()) for table in tables], default=str)
    for plain in (application.secret, *application.recovery_codes):
        assert plain not in stored
        assert plain.replace("-", "") not in stored


def test_setup_is_good_for_its_session_and_for_fifteen_minutes(act):
    yuliana, omar = agent(), agent("Omar")
    setup = act(second_factors.begin_setup, prove(yuliana, "", "here"), yuliana.actor, NOW)[0]
    code, late = Application(setup.secret).code, NOW + second_factors.SETUP_LIFETIME + timedelta(seconds=1)
    for who, token, sealed, at in (
        (yuliana, "elsewhere", setup.sealed, NOW),
        (omar, "here", setup.sealed, NOW),
        (yuliana, "here", setup.sealed, late),
        (yuliana, "here", "x", NOW),
    ):
        with pytest.raises(Conflict, match="Empiece otra vez"):
            act(second_factors.confirm_setup, ConfirmSetup(sealed, code(at=at), token), who.actor, at)
    with pytest.raises(WrongCode):
        act(second_factors.confirm_setup, ConfirmSetup(setup.sealed, code(5, NOW), "here"), yuliana.actor, NOW)
    assert not SecondFactor.select().exists()


def test_same_setup_is_not_confirmed_twice(act):
    yuliana = agent()
    setup = act(second_factors.begin_setup, prove(yuliana, "", "here"), yuliana.actor, NOW)[0]
    command = ConfirmSetup(setup.sealed, Application(setup.secret).code(at=NOW), "here")
    act(second_factors.confirm_setup, command, yuliana.actor, NOW)
    with pytest.raises(Conflict, match="ya quedó activo"):
        act(second_factors.confirm_setup, command, yuliana.actor, NOW)


def test_of_two_setups_that_were_begun_one_is_confirmed(act):
    yuliana = agent()
    times = [NOW + timedelta(minutes=number) for number in range(5)]

    def begin(at, code=""):
        return act(second_factors.begin_setup, prove(yuliana, code, "here"), yuliana.actor, at)[0]

    def confirm(setup, at):
        command = ConfirmSetup(setup.sealed, Application(setup.secret).code(at=at), "here")
        return act(second_factors.confirm_setup, command, yuliana.actor, at)

    first, second = begin(NOW), begin(NOW)
    confirm(first, times[0])
    with pytest.raises(Conflict, match="cambió mientras tenía ese cuadro abierto"):
        confirm(second, times[1])
    application = Application(first.secret)
    assert use(act, yuliana, application.code(at=times[2]), times[2]) is False
    # One that was begun with a code of a factor that was reset meanwhile is not good either.
    third = begin(times[3], application.code(at=times[3]))
    SecondFactor.delete().execute()
    with pytest.raises(Conflict):
        confirm(third, times[4])


def test_setup_of_an_older_version_is_good_for_who_has_no_factor(act):
    yuliana = agent()
    content = json.dumps({"secret": second_factor.draw_secret(), "until": (NOW + timedelta(minutes=1)).timestamp()})

    def confirm(uow):
        sealed = uow.rules.cipher.encrypt(content, second_factors._setup_context(yuliana.id, "here"))
        code = Application(json.loads(content)["secret"]).code(at=NOW)
        return second_factors.confirm_setup(uow, ConfirmSetup(sealed, code, "here"))

    assert len(act(confirm, None, yuliana.actor, NOW)[0]) == 10


def test_code_works_once_and_none_of_an_earlier_step(act):
    yuliana = agent()
    application = add_second_factor(yuliana)
    assert use(act, yuliana, application.code(at=NOW)) is False
    for steps in (0, -1):
        with pytest.raises(WrongCode, match="ya se usó"):
            use(act, yuliana, application.code(steps, NOW))
    assert use(act, yuliana, application.code(1, NOW)) is False
    with pytest.raises(WrongCode, match="ya se usó"):
        use(act, yuliana, application.code(at=NOW))


def test_first_code_of_a_new_application_is_used_up(act):
    yuliana = agent()
    application = set_up(act, yuliana)
    with pytest.raises(WrongCode, match="ya se usó"):
        use(act, yuliana, application.code(at=NOW))


@pytest.mark.parametrize("typed", ["", "12345", "hola", "00000000", "ZZZZ-ZZZZ", "\ud800", "１２３４５６"])
def test_what_is_no_code_is_wrong(act, typed):
    yuliana = agent()
    add_second_factor(yuliana)
    with pytest.raises(WrongCode):
        use(act, yuliana, typed)


def test_recovery_code_works_once_and_only_for_its_person(act):
    yuliana, omar = agent(), agent("Omar")
    own, others = add_second_factor(yuliana).recovery_codes, add_second_factor(omar).recovery_codes
    assert use(act, yuliana, own[3].lower().replace("-", " ")) is True
    for code in (own[3], others[0]):
        with pytest.raises(WrongCode):
            use(act, yuliana, code)
    assert use(act, omar, others[0]) is True


def test_another_application_needs_a_code_of_the_one_before(act):
    yuliana = agent()
    before = add_second_factor(yuliana)
    with pytest.raises(WrongCode):
        act(second_factors.begin_setup, prove(yuliana, "", "here"), yuliana.actor, NOW)
    after = set_up(act, yuliana, before.recovery_codes[0], "here")
    for old in (before.code(1, NOW), before.recovery_codes[1]):
        with pytest.raises(WrongCode):
            use(act, yuliana, old)
    assert use(act, yuliana, after.recovery_codes[0]) is True


def test_sign_in_with_a_recovery_code_sets_up_anew_without_one_until_the_application_is_back(act):
    yuliana = agent()
    application = add_second_factor(yuliana)
    row, token = sign_in(act, yuliana)
    _, other_token = sign_in(act, yuliana)
    factor = SecondFactor.get(SecondFactor.user == yuliana.id)
    act(lambda uow, _: second_factors.announce_recovery(uow, factor, row.id, yuliana.actor), "", yuliana.actor, NOW)
    assert letters(yuliana) == ["recovered"]
    with pytest.raises(WrongCode):
        act(second_factors.begin_setup, prove(yuliana, "", other_token), yuliana.actor, NOW)
    act(second_factors.begin_setup, prove(yuliana, "", token), yuliana.actor, NOW)
    use(act, yuliana, application.code(at=NOW))
    with pytest.raises(WrongCode):
        act(second_factors.begin_setup, prove(yuliana, "", token), yuliana.actor, NOW)


@pytest.mark.parametrize("action", ["begin_setup", "renew_recovery_codes", "turn_off_second_factor"])
def test_password_that_was_changed_while_it_was_verified_proves_nothing(act, action):
    yuliana = agent()
    application = add_second_factor(yuliana)
    proof = prove(yuliana, application.code(at=NOW), "here")
    change = passwords.ChangePassword(proof.present_hash, "another", "there")
    act(passwords.change_password, change, yuliana.actor, NOW)
    with pytest.raises(Conflict, match="cambió mientras tanto"):
        act(getattr(second_factors, action), proof, yuliana.actor, NOW)
    assert use(act, yuliana, application.recovery_codes[0]) is True


def test_new_recovery_codes_replace_the_old_ones(act):
    yuliana = agent()
    application = add_second_factor(yuliana)
    proof = prove(yuliana, application.code(at=NOW), "here")
    fresh = act(second_factors.renew_recovery_codes, proof, yuliana.actor, NOW)[0]
    assert len(set(fresh)) == 10
    with pytest.raises(WrongCode):
        use(act, yuliana, application.recovery_codes[0])
    assert use(act, yuliana, fresh[9]) is True
    assert letters(yuliana) == ["renewed"]
    assert len(audited("factor.renew_codes")) == 1


def test_turning_off_needs_a_code_and_ends_other_sign_ins(act):
    yuliana = agent()
    application = add_second_factor(yuliana)
    here, token = sign_in(act, yuliana)
    elsewhere, _ = sign_in(act, yuliana)
    with pytest.raises(WrongCode):
        act(second_factors.turn_off_second_factor, prove(yuliana, "", token), yuliana.actor, NOW)
    act(second_factors.turn_off_second_factor, prove(yuliana, application.code(at=NOW), token), yuliana.actor, NOW)
    assert not SecondFactor.select().exists()
    assert not RecoveryCode.select().exists()
    assert [SignIn.get_by_id(row.id).ended_at for row in (here, elsewhere)] == [None, NOW]
    assert letters(yuliana) == ["turned_off"]
    with pytest.raises(Conflict, match="No hay"):
        act(second_factors.turn_off_second_factor, prove(yuliana, "", token), yuliana.actor, NOW)


@pytest.mark.parametrize("rules", [REQUIRED], ids=[""])
def test_factor_that_is_required_is_not_turned_off(act, rules):
    yuliana = agent()
    application = add_second_factor(yuliana)
    with pytest.raises(Conflict, match="obligatorio"):
        act(second_factors.turn_off_second_factor, prove(yuliana, application.code(at=NOW), ""), yuliana.actor, NOW)
    assert SecondFactor.select().exists()


@pytest.mark.parametrize("rules", [REQUIRED, DEFAULT_RULES], ids=["required", "optional"])
def test_sign_ins_of_before_a_factor_was_required_end(act, rules):
    omar, yuliana, ana = agent("Omar"), agent(), member("Ana")
    add_second_factor(yuliana)
    rows = [sign_in(act, who)[0] for who in (omar, yuliana, ana)]

    def require():
        return act(second_factors.end_sign_ins_without_factor, None, SYSTEM, NOW)[1]

    is_required = rules is REQUIRED
    assert [type(one.event) for one in require()] == [ConnectionsEnded] * is_required
    ended = [SignIn.get_by_id(row.id).ended_at for row in rows]
    assert ended == [NOW if is_required else None, None, None]
    assert [entry.subject for entry in audited("factor.require")] == [f"user:{omar.id}"] * is_required
    assert require() == []


def test_reset_ends_every_sign_in_and_names_its_reason(act):
    marta, yuliana = supervisor(), agent()
    add_second_factor(yuliana)
    row, _ = sign_in(act, yuliana)
    SignInChallenge.create(user=yuliana.id, token_hash="a", kind="page", password_digest="b", expires_at=NOW)
    act(second_factors.reset_second_factor, ResetSecondFactor(yuliana.id, f"  {REASON} "), marta.actor, NOW)
    assert not SecondFactor.select().exists()
    assert not SignInChallenge.select().exists()
    assert SignIn.get_by_id(row.id).ended_at == NOW
    assert letters(yuliana) == ["reset"]
    entry = audited("factor.reset")[0]
    assert (entry.actor_id, entry.subject, reason_of(entry)) == (marta.id, f"user:{yuliana.id}", REASON)


def test_reset_is_for_supervisors_with_a_reason_and_for_others(act):
    marta, yuliana, ana = supervisor(), agent(), member()
    add_second_factor(yuliana)
    add_second_factor(marta)
    for who, user_id, reason, problem in (
        (marta, yuliana.id, "porque sí", InvalidForm),
        (marta, yuliana.id, "x" * 501, InvalidForm),
        (yuliana, yuliana.id, REASON, NotFound),
        (ana, yuliana.id, REASON, NotFound),
        (marta, marta.id, REASON, Conflict),
        (marta, ana.id, REASON, NotFound),
        (marta, 2_000_000_000, REASON, NotFound),
    ):
        with pytest.raises(problem):
            act(second_factors.reset_second_factor, ResetSecondFactor(user_id, reason), who.actor, NOW)
    assert SecondFactor.select().count() == 2
    for _ in range(2):
        act(second_factors.reset_second_factor, ResetSecondFactor(yuliana.id, REASON), marta.actor, NOW)
    assert (len(audited("factor.reset")), letters(yuliana)) == (1, ["reset"])


def test_secret_whose_key_is_gone_is_a_fault_of_ours(act, rules):
    yuliana = agent()
    application = add_second_factor(yuliana)
    encrypted = SecretCipher(("another key of more than 32 bytes",)).encrypt(application.secret, "second_factors:1")
    SecondFactor.update(secret=encrypted).execute()
    with pytest.raises(Unavailable):
        use(act, yuliana, application.code(at=NOW))


def test_secret_of_somebody_else_is_worthless(act):
    yuliana, omar = agent(), agent("Omar")
    application = add_second_factor(yuliana)
    add_second_factor(omar)
    SecondFactor.update(secret=SecondFactor.get(SecondFactor.user == yuliana.id).secret).where(
        SecondFactor.user == omar.id
    ).execute()
    forget_last_step(omar)
    with pytest.raises(Unavailable):
        use(act, omar, application.code(at=NOW))

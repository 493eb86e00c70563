"""What a person chooses is stored whole; the link of an e-mail ends those of its kind and nothing else."""

import pytest

from beneficiate.actions.notice_preferences import EndEmails, end_emails, save_notice_choices
from beneficiate.domain.notices import NO_CHOICES, NoticeChoices
from beneficiate.errors import Invalid, NotFound
from beneficiate.models.erasures import ERASED, Erasure
from beneficiate.models.notices import NoticePreferences
from beneficiate.queries.notices import load_choices
from beneficiate.unit_of_work import SYSTEM
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import member


def test_choices_replace_those_of_before(act):
    ana = member()
    assert load_choices(ana.id) == NO_CHOICES
    for choices in (NoticeChoices(frozenset({"chat.email", "offer.push"}), 21, 7), NoticeChoices()):
        act(save_notice_choices, choices, ana.actor, NOW)
        assert load_choices(ana.id) == choices
    assert NoticePreferences.select().count() == 1


@pytest.mark.parametrize(
    "choices",
    [NoticeChoices(frozenset({"payment.email"})), NoticeChoices(frozenset({"x"})), NoticeChoices(frozenset(), 24, 7)],
)
def test_what_cannot_be_chosen_is_refused(act, choices):
    with pytest.raises(Invalid):
        act(save_notice_choices, choices, member().actor, NOW)


def test_link_ends_the_emails_of_its_kind_and_keeps_the_rest(act):
    ana = member()
    act(save_notice_choices, NoticeChoices(frozenset({"offer.push"}), 21, 7), ana.actor, NOW)
    for _ in range(2):
        act(end_emails, EndEmails(ana.id, "chat"), SYSTEM, NOW)
    assert load_choices(ana.id) == NoticeChoices(frozenset({"chat.email", "offer.push"}), 21, 7)


def test_link_of_somebody_who_was_erased_stores_nothing_about_them(act):
    ana = member()
    Erasure.create(user=ana.id, state=ERASED, code="CE-1", requested_at=NOW, due_at=NOW, erased_at=NOW)
    act(end_emails, EndEmails(ana.id, "chat"), SYSTEM, NOW)
    assert NoticePreferences.select().count() == 0


@pytest.mark.parametrize("kind", ["payment", "change", "x"])
def test_what_is_always_sent_cannot_be_ended(act, kind):
    with pytest.raises(NotFound):
        act(end_emails, EndEmails(member().id, kind), SYSTEM, NOW)
    with pytest.raises(NotFound):
        act(end_emails, EndEmails(2_000_000, "chat"), SYSTEM, NOW)

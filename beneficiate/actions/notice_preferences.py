"""What a person chooses about notices, on their page or by the link of an e-mail."""

from dataclasses import dataclass

from beneficiate.actions import quotas
from beneficiate.domain.notices import CHOSEN_EMAILS, EMAIL, NoticeChoices, choice_name, list_choice_names
from beneficiate.errors import Invalid, NotFound
from beneficiate.models.accounts import User
from beneficiate.models.notices import NoticePreferences
from beneficiate.queries.access import is_erased
from beneficiate.queries.notices import load_choices
from beneficiate.unit_of_work import UnitOfWork

HOURS = range(24)


@dataclass(frozen=True, slots=True)
class EndEmails:
    """A person wants no more e-mails of a kind."""

    user_id: int
    kind: str


def save_notice_choices(uow: UnitOfWork, choices: NoticeChoices) -> None:
    """Store what the actor has chosen. Raises Invalid for what cannot be chosen, RateLimited."""
    if not choices.switched_off <= set(list_choice_names()):
        raise Invalid
    if choices.quiet_from not in HOURS or choices.quiet_until not in HOURS:
        raise Invalid("Elija las horas de la lista.")
    User.lock_rows([uow.actor.user_id])
    quotas.consume_quota(uow, uow.rules.quotas.notice_changes)
    _store_choices(uow.actor.user_id, choices)


def end_emails(uow: UnitOfWork, command: EndEmails) -> None:
    """Send a person no more e-mails of a kind; a second time changes nothing. Raises NotFound.

    Who was erased gets none, and nothing new is stored about them.
    """
    User.lock_rows([command.user_id])
    if command.kind not in CHOSEN_EMAILS or not User.select().where(User.id == command.user_id).exists():
        raise NotFound
    if is_erased(command.user_id):
        return
    chosen = load_choices(command.user_id)
    switched_off = chosen.switched_off | {choice_name(command.kind, EMAIL)}
    _store_choices(command.user_id, NoticeChoices(switched_off, chosen.quiet_from, chosen.quiet_until))


def _store_choices(user_id: int, choices: NoticeChoices) -> None:
    columns = {
        "switched_off": ",".join(sorted(choices.switched_off)),
        "quiet_from": choices.quiet_from,
        "quiet_until": choices.quiet_until,
    }
    query = NoticePreferences.insert(user=user_id, **columns)
    query.on_conflict(conflict_target=[NoticePreferences.user], update=columns).execute()

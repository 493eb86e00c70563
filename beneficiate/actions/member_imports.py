"""Members of a file become accounts without a password: each sets one by a link of `/recuperar`."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import chunked

from beneficiate.actions import audit
from beneficiate.actions.account_emails import queue_link
from beneficiate.actions.registrations import NEW_ACCOUNT_LOCK
from beneficiate.domain.erasures import NOT_BROUGHT_BACK
from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.models.account_emails import IMPORTED
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_number
from beneficiate.passwords import NO_PASSWORD
from beneficiate.queries.erasures import find_erased_documents
from beneficiate.unit_of_work import UnitOfWork

ROWS_PER_STATEMENT = 500
TAKEN = "Ya hay una cuenta con ese documento o con ese correo, y el otro dato es distinto."


@dataclass(frozen=True, slots=True)
class ImportMembers:
    """Members of a file; with `sends_links` each new one gets an e-mail with a link to set a password."""

    members: Sequence[FileMember]
    sends_links: bool = False


@dataclass(frozen=True, slots=True)
class MemberImportPlan:
    """Which members are new, how many have an account already, and which rows are refused."""

    new: list[FileMember]
    present: int
    refused: list[RefusedRow]


def import_members(uow: UnitOfWork, command: ImportMembers) -> MemberImportPlan:
    """Create the accounts of the members of a whole file, record that, and return what became of the rows."""
    plan = create_members(uow, command)
    if plan.new:
        audit.record_act(uow, "members.import", "import", changes={"rows": (None, len(plan.new))})
    return plan


def create_members(uow: UnitOfWork, command: ImportMembers) -> MemberImportPlan:
    """Create the accounts of members who have none, all or nothing, and return what became of the rows.

    Members with the same document and address are there already, so that a second run changes nothing.
    """
    lock_number(NEW_ACCOUNT_LOCK)
    plan = plan_member_import(uow, command.members)
    for rows in chunked([_to_columns(uow, one) for one in plan.new], ROWS_PER_STATEMENT):
        User.insert_many(rows).execute()
    if command.sends_links:
        is_new = User.email.in_([one.email for one in plan.new])
        for user_id, email in list(User.select(User.id, User.email).where(is_new).order_by(User.id).tuples()):
            queue_link(uow, IMPORTED, email, user=user_id)
    return plan


def plan_member_import(uow: UnitOfWork, members: Sequence[FileMember]) -> MemberImportPlan:
    """Return what would become of members; nothing is stored."""
    by_document: dict[tuple[str, str], str] = {}
    emails: set[str] = set()
    erased: set[tuple[str, str]] = set()
    for part in chunked(members, ROWS_PER_STATEMENT):
        is_known = User.document_number.in_([one.document_number for one in part])
        is_known |= User.email.in_([one.email for one in part])
        for kind, number, email in (
            User.select(User.document_type, User.document_number, User.email).where(is_known).tuples()
        ):
            by_document[kind, number] = email
            emails.add(email)
        erased |= find_erased_documents(uow, [(one.document_type, one.document_number) for one in part])
    new: list[FileMember] = []
    refused: list[RefusedRow] = []
    present = 0
    for one in members:
        owner = by_document.get((one.document_type, one.document_number))
        if owner == one.email:
            present += 1
        elif owner is not None or one.email in emails:
            refused.append(RefusedRow(one.row, TAKEN))
        elif (one.document_type, one.document_number) in erased:
            refused.append(RefusedRow(one.row, NOT_BROUGHT_BACK))
        else:
            new.append(one)
    return MemberImportPlan(new, present, refused)


def _to_columns(uow: UnitOfWork, member: FileMember) -> dict[str, object]:
    return {
        "email": member.email,
        "password_hash": NO_PASSWORD,
        "first_name": member.first_name,
        "last_name": member.last_name,
        "document_type": member.document_type,
        "document_number": member.document_number,
        "phone": member.phone,
        "birth_date": member.birth_date,
        "created_at": uow.now,
    }

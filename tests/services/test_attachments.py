"""A file is stored before its message; when the message is refused, the file is deleted."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from io import BytesIO
from tempfile import TemporaryFile

import pytest

from beneficiate.clients.files import SMALL_SUFFIX, FolderFileStore
from beneficiate.errors import Conflict, NotFound, Unavailable, UnsupportedType
from beneficiate.protocol.payloads import MessagePayload
from beneficiate.services import attachments
from beneficiate.services.attachments import AttachmentService, AttachmentUpload
from beneficiate.unit_of_work import Actor
from tests.sample_files import PDF, make_image

ANA = Actor(31, "member")


class FakeStore:
    """Accepts or refuses the message of an attachment."""

    def __init__(self, problem=None, stored=None):
        self.problem, self.stored, self.command = problem, stored, None

    async def run(self, action, command, actor):
        self.command = command
        if self.problem is not None:
            raise self.problem
        return MessagePayload(
            id=1,
            chat_id=command.chat_id,
            seq=1,
            sender_id=31,
            sender_type="USER",
            message=command.message,
            status="SENT",
            sent_at=datetime.now(UTC),
            attachment=self.stored or command.attachment,
        )


@pytest.fixture
def send(tmp_path):
    """Send a file: `send(content, store)` returns the message."""
    services = []

    def run(content, store, name="foto.jpg"):
        services.append(AttachmentService(store, FolderFileStore(tmp_path)))
        with TemporaryFile() as file:
            file.write(content)
            return asyncio.run(services[-1].send_upload(AttachmentUpload(12, file, name), ANA))

    yield run
    for service in services:
        service.close()


def stored_keys(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_image_is_stored_with_a_small_version(send, tmp_path):
    attachment = send(make_image(size=(900, 600)), FakeStore()).attachment
    assert (attachment.kind, attachment.width, attachment.height) == ("image/jpeg", 900, 600)
    assert stored_keys(tmp_path) == {attachment.id, attachment.id + SMALL_SUFFIX}


def test_pdf_is_stored_as_it_is(send, tmp_path):
    attachment = send(PDF, FakeStore(), "orden.pdf").attachment
    assert (attachment.kind, attachment.size, attachment.name) == ("application/pdf", len(PDF), "orden.pdf")
    assert stored_keys(tmp_path) == {attachment.id}


@pytest.mark.parametrize(("problem", "is_kept"), [(Conflict(), False), (Unavailable(), True)])
def test_file_of_a_refused_message_is_deleted_unless_the_commit_is_uncertain(send, tmp_path, problem, is_kept):
    with pytest.raises(type(problem)):
        send(make_image(), FakeStore(problem))
    assert bool(stored_keys(tmp_path)) is is_kept


def test_file_of_a_resend_is_deleted(send, tmp_path):
    first = send(make_image(), FakeStore()).attachment
    send(make_image(), FakeStore(stored=first))
    assert {key.removesuffix(SMALL_SUFFIX) for key in stored_keys(tmp_path)} == {first.id}


def test_other_formats_are_refused_and_not_stored(send, tmp_path):
    with pytest.raises(UnsupportedType):
        send(b"#!/bin/sh", FakeStore())
    assert stored_keys(tmp_path) == set()


def test_small_version_is_the_file_itself_when_there_is_none(tmp_path):
    service = AttachmentService(FakeStore(), files := FolderFileStore(tmp_path))
    key = "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11"
    files.put(key, BytesIO(b"abc"))
    found = asyncio.run(service.open_attachment(key, is_small=True))
    with found.content as content:
        assert content.read() == b"abc"
    with pytest.raises(NotFound):
        asyncio.run(service.open_attachment(key.replace("6f1c", "0000"), is_small=False))
    service.close()


def test_uploads_that_wait_are_bounded(send, tmp_path, monkeypatch):
    monkeypatch.setattr(attachments, "MAX_WAITING_UPLOADS", 0)
    with pytest.raises(Unavailable, match="muchos archivos"):
        send(make_image(), FakeStore())
    assert stored_keys(tmp_path) == set()


def test_files_that_wait_do_not_hold_up_the_end(tmp_path):
    service, waiting = AttachmentService(FakeStore(), FolderFileStore(tmp_path)), 3

    async def send_and_close(files):
        uploads = [AttachmentUpload(12, file, "a") for file in files]
        sending = [asyncio.ensure_future(service.send_upload(upload, ANA)) for upload in uploads]
        await asyncio.sleep(0)
        service.close()
        return await asyncio.gather(*sending, return_exceptions=True)

    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile()) for _ in range(attachments.MAX_DECODERS + waiting)]
        for file in files:
            file.write(make_image())
        outcomes = asyncio.run(send_and_close(files))
    assert sum(isinstance(one, asyncio.CancelledError) for one in outcomes) == waiting
    assert sum(isinstance(one, MessagePayload) for one in outcomes) == attachments.MAX_DECODERS

"""A process behind nginx, configured as `docs/deploy/nginx.conf` says."""

import asyncio
import base64
import os
import re
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import servers
from tests.factories import member
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
CONFIGURATION = Path(__file__).parents[2] / "docs" / "deploy" / "nginx.conf"


@pytest.fixture(params=["sqlite"])
def backend(request):
    return request.param


def write_certificate(folder):
    """Write a certificate that signs itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "citas.example.co")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    day = timedelta(days=1)
    certificate = builder.not_valid_before(now - day).not_valid_after(now + day).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))


@pytest.fixture
def behind_nginx(io_loop, new_process, tmp_path):
    """Start two units and nginx before them; the ports without and with TLS, and the units."""
    nginx = servers.nginx_binary()
    units = [new_process(BENEFICIATE_PROXIES=1) for _ in range(2)]
    for unit in units:
        io_loop.run_sync(unit.start)
    plain, secure = servers.free_port(), servers.free_port()
    write_certificate(tmp_path)
    site = CONFIGURATION.read_text(encoding="utf-8")
    for found, wanted in (
        ("server 127.0.0.1:8888;", " ".join(f"server 127.0.0.1:{unit.port};" for unit in units)),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("/etc/ssl/beneficiate", str(tmp_path)),
    ):
        assert found in site
        site = site.replace(found, wanted)
    folders = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"pid {tmp_path}/nginx.pid; daemon off; worker_processes 1; error_log {tmp_path}/error.log;"
        f"events {{}} http {{ {folders}\n{site} }}"
    )
    command = [nginx, "-c", str(configuration), "-e", str(tmp_path / "error.log")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    running = subprocess.Popen(command)
    servers.wait_for_port(secure)
    yield plain, secure, units
    running.terminate()
    running.wait()


async def ask(port, head, body=b"", *, tls=True):
    """Send a request; return what comes first of the answer."""
    context = ssl.create_default_context() if tls else None
    if context is not None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
    async with asyncio.timeout(15):
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " in answer:
            answer += await reader.read(65_536)
    writer.close()
    return answer


@pytest.mark.gen_test(timeout=60)
async def test_pages_websockets_and_limits_behind_nginx(behind_nginx):
    plain, secure, _ = behind_nginx
    host = "Host: citas.example.co"

    assert b" 301 " in await ask(plain, f"GET /planes HTTP/1.1\n{host}", tls=False)
    assert b" 200 " in await ask(secure, f"GET /healthz HTTP/1.1\n{host}")
    key = base64.b64encode(os.urandom(16)).decode()
    opened = await ask(
        secure,
        f"GET /ws HTTP/1.1\n{host}\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n"
        f"Sec-WebSocket-Key: {key}\nSec-WebSocket-Protocol: beneficiate, {member().token}",
    )
    assert opened.startswith(b"HTTP/1.1 101")
    # The initial state came through as a frame.
    assert re.search(rb'"event":"\w+"', opened)
    too_large = f"POST /api/v1/auth/login HTTP/1.1\n{host}\nContent-Length: {13 * 1024 * 1024}"
    assert b" 413 " in await ask(secure, too_large)


@pytest.mark.gen_test(timeout=60)
async def test_address_with_too_many_connections_is_told_how_long_to_wait(behind_nginx):
    _, secure, _ = behind_nginx
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    held = []
    for _ in range(256):
        _, writer = await asyncio.open_connection("127.0.0.1", secure, ssl=context)
        # A connection counts from the head of a request on; this one waits for its body.
        writer.write(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: citas.example.co\r\nContent-Length: 2\r\n\r\n")
        held.append(writer)
    request = "GET /healthz HTTP/1.1\nHost: citas.example.co"
    while b" 200 " in (answer := await ask(secure, request)):
        pass
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"\r\nRetry-After: 5\r\n" in answer
    for writer in held:
        writer.close()


@pytest.mark.gen_test(timeout=60)
async def test_unit_that_is_away_is_passed_over(behind_nginx):
    _, secure, units = behind_nginx
    request = "GET /recuperar HTTP/1.1\nHost: citas.example.co"
    assert [b" 200 " in await ask(secure, request) for _ in range(6)] == [True] * 6
    # Each of the two has answered its share. A unit logs after it has answered.
    await wait_until(lambda: [unit.output.count("/recuperar") for unit in units] == [3, 3])
    units[0].kill()
    assert [b" 200 " in await ask(secure, request) for _ in range(6)] == [True] * 6
    await units[0].start()
    assert [b" 200 " in await ask(secure, request) for _ in range(6)] == [True] * 6

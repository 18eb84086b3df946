"""The object store: whole objects, on a local disk and on S3, with the same answers."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from participation.core.errors import SettingsError
from participation.files import objects
from participation.files.objects import CHUNK_BYTES, ObjectMissingError, ObjectStore


@pytest.fixture(scope="module")
def s3_endpoint():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_endpoint, monkeypatch):
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{uuid.uuid4().hex}"
    _make_bucket(s3_endpoint, bucket)
    return f"s3://{bucket}/city/files"


def _make_bucket(endpoint, bucket):
    import http.client

    host = endpoint.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    body = (
        '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<LocationConstraint>ap-northeast-1</LocationConstraint></CreateBucketConfiguration>"
    )
    connection.request(
        "PUT",
        f"/{bucket}",
        body=body,
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20240101/ap-northeast-1/s3/"
            "aws4_request, SignedHeaders=host, Signature=x"
        },
    )
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path):
    if request.param == "local":
        return ObjectStore(f"file://{tmp_path / 'files'}")
    return ObjectStore(request.getfixturevalue("s3_url"))


def test_bytes_and_files_come_back_as_they_were(store, tmp_path):
    large = os.urandom(3 * CHUNK_BYTES + 17)
    path = tmp_path / "upload"
    path.write_bytes(large)
    store.put("ab/cd/one", b"")
    store.put("ab/cd/two", b"\x00\xff" * 500)
    store.put("ef/gh/three", path)
    assert b"".join(store.chunks("ab/cd/one")) == b""
    assert b"".join(store.chunks("ab/cd/two")) == b"\x00\xff" * 500
    pieces = list(store.chunks("ef/gh/three"))
    assert b"".join(pieces) == large
    assert len(pieces) > 1, "a large file must not be held in memory at once"


def test_what_is_missing_is_said_before_the_first_piece(store):
    with pytest.raises(ObjectMissingError):
        store.chunks("ab/cd/none")
    store.delete("ab/cd/none")
    store.put("ab/cd/one", b"1")
    store.delete("ab/cd/one")
    with pytest.raises(ObjectMissingError):
        store.chunks("ab/cd/one")


def test_keys_are_listed_by_age(store):
    for number in range(7):
        store.put(f"ab/cd/{number}", b"1")
    now = datetime.now(UTC)
    later = [key for batch in store.keys_before(now + timedelta(hours=1)) for key in batch]
    assert sorted(later) == [f"ab/cd/{number}" for number in range(7)]
    earlier = [key for batch in store.keys_before(now - timedelta(hours=1)) for key in batch]
    assert earlier == []


def test_on_s3_the_prefix_keeps_installations_apart(s3_url):
    ObjectStore(s3_url).put("ab/cd/one", b"1")
    other = ObjectStore(s3_url.replace("/city/", "/town/"))
    with pytest.raises(ObjectMissingError):
        other.chunks("ab/cd/one")
    bucket = S3Store.from_url(s3_url.rsplit("/", 2)[0])
    assert [meta["path"] for meta in bucket.list().collect()] == ["city/files/ab/cd/one"]


def test_locally_the_file_and_its_directories_are_synced(tmp_path, monkeypatch):
    synced = []
    real = os.fsync

    def note(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(objects.os, "fsync", note)
    root = tmp_path / "files"
    ObjectStore(f"file://{root}").put("ab/cd/one", b"1")
    assert synced == [root / "ab/cd/one", root / "ab/cd", root / "ab", root]
    assert root.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("url", ["", "http://example.jp/", "file://host/path", "s3://", "memory:"])
def test_other_addresses_are_refused_at_start(url):
    with pytest.raises(SettingsError, match="FILES_URL"):
        ObjectStore(url)

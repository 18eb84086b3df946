"""P10: PostgreSQL on a full disk. Nothing can be stored, everything can be read, and it comes back.

Once with a disk that really is full: the test's database lies on a small one of its own, which
takes the right to mount. And once, anywhere, with the error that such a server gives.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from participation.campaigns.models import Submission
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, url
from tests.factories import make_department
from tests.postgres import Server
from tests.promises.test_p10_degrading import refused_in_time, sent_again

BACK_AGAIN = 30.0
DISK = "80m"
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class SmallDisk:
    """A file system of a few megabytes with the whole database on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rest = folder / "rest"

    def fill(self) -> None:
        def write_on() -> None:
            with self._rest.open("wb", buffering=0) as rest:
                while True:
                    rest.write(b"\0" * 4096)

        with pytest.raises(OSError, match="space"):
            write_on()

    def free(self) -> None:
        self._rest.unlink()


@pytest.fixture
def small_disk(database_url):
    owner = Server._other_user() if os.geteuid() == 0 else None
    mount = shutil.which("mount")
    folder = Path(tempfile.mkdtemp(prefix="small-disk-", dir="/tmp"))
    mounted = owner and mount
    if mounted:
        options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
        mounted = subprocess.run([mount, *options], check=False).returncode == 0
    if not mounted:
        folder.rmdir()
        pytest.skip("a disk of its own needs the right to mount; the other test needs none")
    place = folder / "space"
    place.mkdir()
    for each in (folder, place):
        shutil.chown(each, owner)
    space = f"small_{secrets.token_hex(4)}"
    try:
        with on_another_database(database_url) as (connection, name):
            connection.execute(f"CREATE TABLESPACE {space} LOCATION '{place}'")
            move_alone(connection, name, space)
        yield SmallDisk(folder)
        with on_another_database(database_url) as (connection, name):
            move_alone(connection, name, "pg_default")
            connection.execute(f"DROP TABLESPACE {space}")
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def move_alone(connection, name, space):
    """Move a database, which takes that nobody else is in it; whoever is, is asked to leave."""
    deadline = time.monotonic() + BACK_AGAIN
    while True:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            (name,),
        )
        try:
            connection.execute(f'ALTER DATABASE "{name}" SET TABLESPACE {space}')
        except psycopg.errors.ObjectInUse:  # somebody came back meanwhile
            if time.monotonic() > deadline:
                raise
        else:
            return


@contextmanager
def on_another_database(database_url):
    name = make_url(database_url).database
    other = database_url.replace(f"/{name}", "/postgres")
    with psycopg.connect(other, autocommit=True) as connection:
        yield connection, name


@pytest.fixture
def campaign(session):
    made = make_campaign(session, make_department(session))
    session.commit()
    return made


def test_a_disk_that_is_full(small_disk, client, session, campaign):
    address, data = url(campaign), filled(campaign, begin(client, campaign), act="send")
    session.rollback()
    small_disk.fill()
    answer = refused_in_time(client, address, data)
    assert client.get(address.replace("submit/", "")).status_code == 200, "reading goes on"
    small_disk.free()
    begun = time.monotonic()
    sent_again(client, address, data, answer)
    assert time.monotonic() - begun < BACK_AGAIN
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


@pytest.mark.parametrize("sqlstate", ["53100", "53200", "53300", "53400"])
def test_a_server_that_says_it_has_nothing_left(client, session, campaign, sqlstate):
    address, data = url(campaign), filled(campaign, begin(client, campaign), act="send")
    session.execute(
        text(
            "CREATE FUNCTION has_nothing_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'nothing left' USING ERRCODE = '{sqlstate}'; END $$"
        )
    )
    session.execute(
        text(
            "CREATE TRIGGER nothing_left BEFORE INSERT ON receipt "
            "EXECUTE FUNCTION has_nothing_left()"
        )
    )
    session.commit()
    answer = refused_in_time(client, address, data)
    assert client.get(address.replace("submit/", "")).status_code == 200, "reading goes on"
    session.execute(text("DROP TRIGGER nothing_left ON receipt"))
    session.commit()
    sent_again(client, address, data, answer)
    assert session.scalar(select(func.count()).select_from(Submission)) == 1

"""One process owns the data directory."""

import subprocess
import sys

import pytest

from aggregator.daemon.lock import DataLock
from aggregator.errors import LockedError

HOLD = """
import pathlib, sys
from aggregator.daemon.lock import DataLock
with DataLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_b11_a_second_owner_is_refused_and_told_who_has_it(tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLD,
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match=str(holder.pid)), DataLock(tmp_path):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with DataLock(tmp_path):  # the kernel has let it go with the killed process
        pass


def test_the_lock_is_free_again_after_use(tmp_path):
    with DataLock(tmp_path):
        pass
    with DataLock(tmp_path):
        pass

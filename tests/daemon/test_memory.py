"""What a process still holds after large blocks were freed: measured in one of its own."""

import platform
import subprocess
import sys

import pytest

SAY = """
import sys
from pathlib import Path
from aggregator.daemon.memory import keep_little_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if sys.argv[1] == "yes":
    keep_little_memory()
bytearray(b"x") * (10 << 20)  # the first one that is freed tells glibc to keep the next
before = resident()
block = bytearray(b"x") * (10 << 20)
pinned = [bytearray(b"x") * 2000 for _ in range(1000)]
del block
print((resident() - before) >> 20)
"""


SAY_BETWEEN = """
import asyncio
from pathlib import Path
from aggregator.daemon.memory import give_back_free_pages

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [bytearray(b"x") * 20_000 for _ in range(1000)]
held = resident()
blocks = blocks[::10]  # what is kept keeps the end of the heap where it is
loose = resident()
asyncio.run(give_back_free_pages())
print((held - loose) >> 20, (held - resident()) >> 20)
"""

SAY_HEAPS = """
import ctypes, sys, threading
from aggregator.daemon.memory import keep_little_memory

if sys.argv[1] == "yes":
    keep_little_memory()
together = threading.Barrier(4)

def work():
    block = bytearray(20_000)
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""

on_glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries need no telling"
)


@on_glibc
def test_free_pages_between_what_is_in_use_are_the_systems_again():
    said = subprocess.run([sys.executable, "-c", SAY_BETWEEN], capture_output=True, check=True)
    by_itself, told = map(int, said.stdout.split())
    assert by_itself <= 3  # so that the test tells something
    assert told >= 12


@on_glibc
def test_a_large_block_that_is_free_is_the_systems_again():
    held = {
        told: int(
            subprocess.run(
                [sys.executable, "-c", SAY, told], capture_output=True, check=True
            ).stdout
        )
        for told in ("yes", "no")
    }
    assert held["yes"] <= 3
    assert held["no"] >= 9  # so that the test tells something


@on_glibc
def test_all_threads_take_from_one_heap():
    heaps = {
        told: subprocess.run(
            [sys.executable, "-c", SAY_HEAPS, told], capture_output=True, check=True
        ).stdout.count(b"<heap nr=")
        for told in ("yes", "no")
    }
    assert heaps["yes"] == 1
    assert heaps["no"] > 1  # so that the test tells something

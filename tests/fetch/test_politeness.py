import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.politeness import host_key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.mainichi.jp/rss", "mainichi.jp"),
        ("http://feeds.bbci.co.uk:80/news", "bbci.co.uk"),
        ("https://newsdig.tbs.co.jp/", "tbs.co.jp"),
        ("https://example.com:443/", "example.com"),
        ("https://example.com:8443/", "example.com:8443"),
        ("https://alice.github.io/feed", "github.io"),
        ("https://b.blogspot.com/feed", "blogspot.com"),
        ("https://WWW.Example.COM./", "example.com"),
        ("https://例え.jp/", "xn--r8jz45g.jp"),
        ("https://xn--r8jz45g.jp/", "xn--r8jz45g.jp"),
        ("http://localhost:8000/", "localhost:8000"),
        ("http://localhost/", "localhost"),
        ("http://127.0.0.2:80/", "127.0.0.2:80"),
        ("http://127.0.0.2/", "127.0.0.2:80"),
        ("http://127.0.0.2:8000/a", "127.0.0.2:8000"),
        ("https://[2001:DB8::1]/", "[2001:db8::1]:443"),
        ("http://user@example.com:8080/", "example.com:8080"),
        ("http://example.com:nonsense/", "example.com"),
    ],
)
def test_the_key_is_whose_machines_these_are(url, key):
    assert host_key(url) == key


def test_a_name_that_cannot_be_encoded_still_has_a_key():
    assert host_key("http://" + "あ" * 100 + ".jp/").endswith(".jp")


@given(st.text(alphabet="abc.-日", min_size=1, max_size=20), st.integers(1, 65535))
def test_every_host_has_one_key_whatever_the_path(host, port):
    assert host_key(f"http://{host}:{port}/a") == host_key(f"http://{host}:{port}/b?c")


def test_importing_it_loads_no_http_client():
    code = "import sys, aggregator.fetch.politeness; sys.exit('aiohttp' in sys.modules or 'yarl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

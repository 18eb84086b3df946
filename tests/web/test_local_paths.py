"""Where to go on to is only ever a path of this site."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.web.local_paths import local_path


@pytest.mark.parametrize("path", ["/", "/staff/", "/a?b=c&d=%2F%2Fe", "/課?x=1", "/a//b", "/:80"])
def test_paths_of_this_site_pass(path: str) -> None:
    assert local_path(path, "/default") == path


@pytest.mark.parametrize(
    "target",
    [None, "", "//e", "///e", "http://e", "e", "\\e", "/\\e", "/a\nb", "/\te", " /a", "/" * 3000],
)
def test_all_else_gives_the_default(target: str | None) -> None:
    assert local_path(target, "/default") == "/default"


@given(st.text(st.sampled_from("/\\:@?#.e \t\n\x00h"), max_size=12))
def test_whatever_passes_stays_on_this_host(target: str) -> None:
    led = urlsplit(urljoin("https://city.example/staff/", local_path(target, "/")))
    assert (led.scheme, led.netloc) == ("https", "city.example")

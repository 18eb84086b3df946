"""Which process of xdist runs a test: one for all tests of the browser, any for each other one."""

from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"


def scope_of(nodeid: str) -> str:
    """Return what the tests of one process have in common: one site, one browser."""
    return BROWSER if nodeid.startswith(BROWSER) else nodeid


class OneBrowser(LoadScopeScheduling):
    """Hands out the tests of the browser in one piece and first; it is the longest."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

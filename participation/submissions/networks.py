"""The network that something came from: only a keyed hash of it, for counting floods."""

import ipaddress

from participation.privacy.crypto import Keyring

_PURPOSE = "submission.network"
_PREFIX = {4: 24, 6: 56}  # a household or an office, not a person


def network_key(keys: Keyring, address: str | None) -> str | None:
    """Return a value that is equal for addresses of one /24 (IPv6: /56); None without one."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    network = ipaddress.ip_network((found, _PREFIX[found.version]), strict=False)
    return keys.blind_index(str(network), _PURPOSE)

"""The residents' front door (トップページ)."""

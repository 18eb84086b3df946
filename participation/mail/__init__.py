"""Mail that leaves after the commit or not at all (送信箱)."""

"""Staff home and what administrators look after (管理)."""

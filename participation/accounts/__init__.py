"""Staff accounts and dated appointments (職員と役割)."""

"""Rules and values that know neither tables nor Flask."""

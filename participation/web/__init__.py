"""What every page shares: gate, transaction, forms, errors, headers."""

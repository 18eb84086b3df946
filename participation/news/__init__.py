"""What became public, in the order in which it did: feeds and follow notices read it."""

"""Pages of signing in, of the invitation's link, of one's own account and of held forms."""

"""What people do at the front door: they follow, and leave."""

"""The system with which a Japanese city runs citizen participation (市民参加)."""

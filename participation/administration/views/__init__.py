"""Pages of the staff home, people, departments, the city, audit log, outbox and jobs."""

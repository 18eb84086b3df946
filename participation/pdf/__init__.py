"""PDF from HTML, by a renderer that fetches nothing (PDF/UA-1)."""

"""The city as data: its profile (自治体プロファイル), places and closed days."""

"""Decisions: pure functions over model values. No clock, no file, no network, no database."""

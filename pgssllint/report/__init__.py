"""Findings -> text, concise, JSON, SARIF."""

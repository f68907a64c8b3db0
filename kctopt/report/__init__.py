"""Figures and reports of results, in English and Chinese."""

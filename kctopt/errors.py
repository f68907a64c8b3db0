"""The error tree."""

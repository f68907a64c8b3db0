"""Why this plan: questions about a solved scenario that take more solves.

Each function takes a Result (or opens a run folder) and returns a frozen record with DataFrames; nothing is written
unless `save` says so.
"""

"""The command line: new, schema, check, show, solve, diagnose, verify, compare, explain, report, export, doctor.

stdout carries data only, everything else goes to stderr. Nothing heavy is imported before a command runs.

| exit code | meaning |
|---|---|
| 0 | done, and optimal to the asked gap |
| 1 | our fault, or `verify` found a broken rule or an edited file |
| 2 | usage |
| 3 | bad input |
| 4 | infeasible |
| 5 | a limit was reached with a plan in hand; its gap is printed |
| 6 | a limit was reached without a plan |
| 7 | some runs of a batch failed, the others are saved |
| 8 | a condition given with --fail-on came true |
| 130 | interrupted |
"""

from kctopt.cli.main import main

__all__ = ["main"]

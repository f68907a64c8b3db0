"""The command line: new, schema, check, show, solve, diagnose, verify, compare, explain, explore, report, export,
doctor.

stdout carries data only, everything else goes to stderr. Nothing heavy is imported before a command runs.

| exit code | meaning |
|---|---|
| 0 | done, and optimal to the asked gap |
| 1 | our fault, or `verify` found a broken rule or an edited file |
| 2 | usage, or an optional package is missing |
| 3 | bad input, or an output that cannot be written |
| 4 | infeasible |
| 5 | a limit was reached with a plan in hand; its gap is printed |
| 6 | a limit was reached without a plan |
| 7 | some runs of a batch failed, the others are saved |
| 8 | a condition given with --fail-on came true |
| 130, 143, 129 | interrupted by the keyboard, by SIGTERM, by SIGHUP; what there is is saved |
"""

from kctopt.cli.main import main

__all__ = ["main"]

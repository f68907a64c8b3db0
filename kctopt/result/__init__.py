"""What a solve returns: as tables, as text, and as a folder on disk.

| file | content |
|---|---|
| fields.py | the columns of every table, with units |
| tables.py, constraints.py, provenance.py | the six tables |
| result.py | the result that holds them |
| text.py, layout.py, excel.py | for people |
| folder.py, run.py | to and from disk |
| reuse.py, verify.py | has this question been answered; does a saved run hold |
"""

from kctopt.result.result import Result
from kctopt.result.run import open_run

__all__ = ["Result", "open_run"]

"""Comparison of runs: inputs that differ, changes of results, regret, and what explains a change.

| file | content |
|---|---|
| comparison.py | the comparison of one run with others, everything in order |
| runs.py comparable.py | names and facts of runs; what may be subtracted and why not |
| inputs.py indices.py planning.py movers.py limits.py courses.py | one part of a comparison each |
| ranges.py | whether OTHER is a near-optimal plan of BASE |
| regret.py mends.py | every plan under every scenario; what was changed in it so that it keeps the rules there |
| attribution.py groups.py certified.py | what each changed input explains; scenarios in between; their values |
| conditions.py | conditions of `--fail-on` |
| words.py sentences.py worth_text.py sections.py render.py files.py | in words, as pages and as files |
"""

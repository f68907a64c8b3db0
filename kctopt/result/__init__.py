"""What a solve returns: as tables, as text, and as a folder on disk.

| file | content |
|---|---|
| fields.py | the columns of every table, with units |
| tables.py, discrete.py | tables of states, money and discrete decisions |
| constraints.py, discrete_rules.py, rules.py | the table of rules |
| provenance.py | the table of sources |
| result.py | the result that holds them |
| sentences.py, restraint_worth.py | discrete decisions told, and what holding back is worth |
| text.py | for people |
| folder.py, run.py, choices.py, schemas.py | to and from disk |
| reuse.py, verify.py | has this question been answered; does a saved run hold |
"""

"""The rules of a scenario, each written once: its two sides in a plan, its unit, and what is said where it is broken.

The laws need no check: the simulator applies them. What a plan can break is a rule on money, on exchange, on stages or
on programmes, or a policy; a `Family` says where it stands, for every line and year at once. From the families come the
breaches, the table of constraints, diagnoses and what `kctopt verify` finds. The blocks of `formulation` write the same
rules once more, in the words of the program, and share nothing with these, so that each checks the other.

| file | content |
|---|---|
| case.py | a plan as rules read it |
| family.py | a family of rules with both sides; breaches |
| money.py exchange.py policies.py stages.py programmes.py | the rules |
| judge.py | all of them: in the order of the table, what a plan breaks, and how it keeps them in draws |
| named.py | what an author can change, one name each |
| rows.py | which rule a row of the program stands for |
| slopes.py | the rules on money as linear rows |
"""

from kctopt.rules.case import Case
from kctopt.rules.family import Breach, Family, Sense
from kctopt.rules.judge import Verdict, breaches, families, verdict

__all__ = ["Breach", "Case", "Family", "Sense", "Verdict", "breaches", "families", "verdict"]

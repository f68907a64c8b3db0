"""Figures of many worlds: what a study's members and the draws of a fixed plan look like.

| figure | shows | of |
|---|---|---|
| fan | an index by year: median, middle half, middle 90 % of the worlds | sweep, fixed plan |
| gaps | the same of the gap of every line | fixed plan |
| tornado | by how much an outcome moves where an input is low and where it is high | both |
| indices | sensitivity indices with their intervals | both |
| boxes | cases and others over the two inputs that a box restricts most | both |
| parallel | draws as lines through their inputs, coloured by the outcome | both |
| money | what domains, types or cells get: median, middle half, middle 90 % of the worlds | sweep |
| regret | what each plan loses, plan by world | a regret matrix |

Each module makes a `Figure` (chart, caption, description, numbers) of tables alone. What is drawn is worked out before:
quantiles, means, at most some hundred lines, so that a hundred thousand draws make a chart of some kilobytes.
"""

"""Back-casts: the laws started in an earlier year, with the money and controls that were, against what happened.

| file | content |
|---|---|
| observed.py | figures of own against rival capability, ranges of parameters, and the model they belong to |
| starts.py | each line started in the year of its first figure, and simulated |
| methods.py | what is held against the figures: the simulation, no change, the last trend; errors of each |
| fit.py | which parameters fit within their ranges, by least squares |
| tables.py | all of it as tables |
| told.py words.py | sentences, in English and Chinese |
| figure.py | the figure: observed points, simulated path and band by line |
| backcast.py | what users hold: tables, text, figure and files |
"""

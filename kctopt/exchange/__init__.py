"""A result for other programs: Excel, IAMC, netCDF.

| file | content |
|---|---|
| workbook.py | the results workbook: which sheets, in which order |
| pages.py | the sheets for people, with charts (charts.py) |
| iamc.py | variables in the format of the IAMC, which pyam reads |
| netcdf.py | an xarray Dataset and its netCDF file |
| files.py | the formats by name, for `kctopt export` |
| words.py | names of sheets, rows and columns in English and Chinese |
"""

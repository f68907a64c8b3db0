"""`python -m kctopt` is `kctopt`."""

from kctopt.cli import main

main(prog_name="kctopt")

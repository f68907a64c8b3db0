"""`python -m kctopt` is `kctopt`."""

from kctopt.cli import main

if __name__ == "__main__":  # a rank of MPI that waits for work runs this module under another name
    main(prog_name="kctopt")

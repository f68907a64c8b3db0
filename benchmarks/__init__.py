"""Time and memory of kctopt beside other ways to solve the same program."""

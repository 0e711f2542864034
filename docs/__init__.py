"""The documentation; what a command can print is written by `python -m docs.build`."""

"""What each command of `clean` takes and does, one module for each."""

"""Quality and speed of the cleaner and of its peers, side by side in one run."""

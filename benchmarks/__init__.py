"""What the pipeline costs, measured beside an echo bot and a raw inbox in the same run: `make bench`."""

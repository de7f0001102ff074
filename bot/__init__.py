"""The running program: settings, doors, worker, sender, ticks, command line; it alone knows every class."""

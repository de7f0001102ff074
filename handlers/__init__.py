"""Use cases, one function per command: (scene, command) -> decisions in the case file. They never send or wait."""

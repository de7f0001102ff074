"""How the tagger's model is made: the messages, the training and the export. Never imported by the running program."""

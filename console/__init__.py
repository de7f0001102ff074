"""The staff's web console, and the REST API beside it."""

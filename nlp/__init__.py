"""Text in, readings out: tags a message and finds the knowledge near it; knows no ticket and no database."""

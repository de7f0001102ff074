"""The schema's history: one file a step under versions/, which import nothing of ours."""

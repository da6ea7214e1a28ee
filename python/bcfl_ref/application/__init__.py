"""What participants do on their own machines: data, training, scoring, attacks, baselines, reports.

Floats are allowed here and end here: what leaves is integers (`models.update_of`, `trainers.Tally`).
Import the modules by name; this file imports none, so that `bcfl verify` never loads a training library.
"""

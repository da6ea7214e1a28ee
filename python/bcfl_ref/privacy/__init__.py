"""Privacy (`spec/privacy.md`): this version knows the plain mode only (PRV-001), which needs no rule of its own.

Transaction kinds 48 to 63 (PRV-002) and blob kinds 3 to 15 (PRV-003) are reserved for the modes to come.
"""

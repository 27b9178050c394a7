"""Which of several records' values one of them keeps when they are merged, and what it gives back.

Rules: an explicit choice; else the survivor's value where it has one, else that of the absorbed
record changed last. Sets are united.
"""

"""The rules of contacts: mapped dataclasses with verbs, values and refusals."""

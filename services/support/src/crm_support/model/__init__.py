"""The rules of support: mapped dataclasses with verbs, values and refusals; no web, no broker, no contracts."""

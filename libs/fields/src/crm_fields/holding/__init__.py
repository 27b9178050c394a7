"""Holding a service's records to the company's own fields and rules: what stands on the chassis.

`books` reads what counts, `writing` holds a write to it, `asking` and `trials` compile it to SQL,
`routes`, `document` and `past` show it, `tables` is what a migration makes. The rest of crm_fields
is pure and knows none of this.
"""

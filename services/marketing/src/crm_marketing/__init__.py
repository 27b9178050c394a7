"""Segments, templates, campaigns and the send ledger of Rapport CRM."""

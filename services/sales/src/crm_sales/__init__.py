"""Sales: pipelines, deals with their stage history, leads and their conversion."""

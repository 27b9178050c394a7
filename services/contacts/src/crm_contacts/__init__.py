"""The contacts service: people, organisations, and what passed between them and us."""

"""The forms in which documents come: packed streams, records, tables, archives; each module reads one of them."""

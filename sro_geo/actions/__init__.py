"""The verbs of the dashboard: authorise → load → compute → save, for pages and command line."""

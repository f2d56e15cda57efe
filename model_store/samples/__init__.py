"""Made-up rows: odd ones that a contract lets through, ordinary ones as a baseline tells."""

"""Partners: what is kept of them, and what lets them in (a client of the issuer, an API key of a usage plan)."""

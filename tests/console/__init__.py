"""The console in a headless browser, as a partner's developer uses it."""

"""The console: the page at ``/console`` of the sandbox, in which orders are seen live."""

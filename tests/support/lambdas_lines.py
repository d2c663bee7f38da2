"""What Lambda itself writes into the log of a function that it has ended, or could not begin."""

ENDED_BY_LAMBDA = (
    "2026-03-10T12:00:00.000Z 7a1b Task timed out after 10.01 seconds",
    "REPORT RequestId: 7a1b Duration: 10000.00 ms Billed Duration: 10000 ms Memory Size: 1024 MB Status: timeout",
    "RequestId: 7a1b Error: Runtime exited with error: signal: killed Runtime.ExitError",
    "REPORT RequestId: 7a1b Max Memory Used: 1024 MB Status: error Error Type: Runtime.OutOfMemory",
    "[ERROR] Runtime.ImportModuleError: Unable to import module 'functions.events.clock': No module named 'pydantic'",
    "[ERROR] Runtime.HandlerNotFound: Handler 'handler' missing on module 'functions.events.clock'",
)

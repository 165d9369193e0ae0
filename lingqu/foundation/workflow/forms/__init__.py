"""Forms of processes: a subset of the form-js schema, drawn and checked on the server."""

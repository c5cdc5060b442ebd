"""What the `pst` command does, one module a subject. Results go to stdout, everything else to stderr."""

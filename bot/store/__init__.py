"""The only room with SQL. One module a noun; every function takes the transaction that it works in."""

"""`python -m bot` is the same as `pst`."""

from bot.cli import main

main()

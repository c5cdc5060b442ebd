"""The words a citizen uses: normal form, intent, entities. Knows no office, no answer, no bot."""

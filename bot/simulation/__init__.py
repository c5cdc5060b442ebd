"""Stories: scenario files played through the real engine, store, outbox and jobs, with a hand-moved clock."""

"""The decisions. Pure: standard library and the pure packages beside us. No await, no clock, no SQL, no sentence."""

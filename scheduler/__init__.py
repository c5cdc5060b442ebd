"""Time as an office promises it: working days, service hours, deadlines. Knows no bot, no message, no citizen."""

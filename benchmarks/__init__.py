"""What reading from Seven Time costs with this provider, side by side with what a user would pick instead."""

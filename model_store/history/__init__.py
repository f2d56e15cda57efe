"""What was live when, and why: who goes back must know."""

"""How sure an answer is: prediction sets, intervals, novelty."""

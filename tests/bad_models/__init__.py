"""Models that package and publish honestly, and should never meet a caller.

Each file is one that `lambent package` takes, with a version of the penguins of examples/:

permuted.py    answers confidently, and wrongly: the labels of its training data were mixed up
crashing.py    raises on penguins of a middling weight
slow.py        takes most of a second for each of them
abstaining.py  is unsure of each of them
drifting.py    takes each of them for another species

The last four are version 1 behind a trap in the graph (`traps.py`), which none of their golden
examples springs.

late.py        is one of these four, and honest before traffic: callers alone spring its trap
"""

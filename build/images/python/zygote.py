"""The program of the preloaded interpreter: see carrel_zygote.

Run as: python3 -I -X utf8 zygote.py, as root, with a SOCK_SEQPACKET socket as file descriptor 3. -I keeps
everything out of it that a learner may write: the current folder, the user's site-packages, PYTHON* variables.
"""

import sys

sys.path.insert(0, __file__.rpartition("/")[0])
import carrel_load  # noqa: E402

loaded = carrel_load.load()  # first, so that what the zygote itself needs is not taken for what pytest loads
import carrel_zygote  # noqa: E402

# Returns in forked children only, where it stands for the learner's whole program.
raise SystemExit(carrel_zygote.serve(3, loaded))

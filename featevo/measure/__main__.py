"""`python -m featevo.measure RUN_OR_SWEEP ...`: measures of runs that are over, into their records."""

import sys

from featevo.remeasure import main

if __name__ == "__main__":
    sys.exit(main())

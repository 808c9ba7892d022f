"""`python -m featevo.measure.gate`; see `featevo.measure.gate.command`."""

import sys

from featevo.measure.gate.command import main

if __name__ == "__main__":
    sys.exit(main())

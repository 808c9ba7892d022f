"""`python -m featevo.record`; see `featevo.commands.record`."""

import sys

from featevo.commands.record import main

if __name__ == "__main__":
    sys.exit(main())

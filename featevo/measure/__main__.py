"""`python -m featevo.measure`; see `featevo.commands.measure`."""

import sys

from featevo.commands.measure import main

if __name__ == "__main__":
    sys.exit(main())

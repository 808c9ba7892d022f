"""`python -m featevo.watch`; see `featevo.commands.watch`."""

import sys

from featevo.commands.watch import main

if __name__ == "__main__":
    sys.exit(main())

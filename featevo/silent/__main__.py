"""`python -m featevo.silent`; see `featevo.commands.silent`."""

import sys

from featevo.commands.silent import main

if __name__ == "__main__":
    sys.exit(main())

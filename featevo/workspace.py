"""`python -m featevo.workspace`; see `featevo.commands.workspace`."""

import sys

from featevo.commands.workspace import main

if __name__ == "__main__":
    sys.exit(main())

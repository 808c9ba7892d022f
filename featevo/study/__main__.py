"""`python -m featevo.study`; see `featevo.commands.study`."""

import sys

from featevo.commands.study import main

if __name__ == "__main__":
    sys.exit(main())

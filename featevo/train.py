"""`python -m featevo.train`; see `featevo.commands.train`."""

import sys

from featevo.commands.train import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m featevo.evaluate`; see `featevo.commands.evaluate`."""

import sys

from featevo.commands.evaluate import main

if __name__ == "__main__":
    sys.exit(main())

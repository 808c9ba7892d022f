"""`python -m featevo.figures`; see `featevo.commands.figures`."""

import sys

from featevo.commands.figures import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m featevo.report`; see `featevo.commands.report`."""

import sys

from featevo.commands.report import main

if __name__ == "__main__":
    sys.exit(main())

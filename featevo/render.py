"""`python -m featevo.render`; see `featevo.commands.render`."""

import sys

from featevo.commands.render import main

if __name__ == "__main__":
    sys.exit(main())

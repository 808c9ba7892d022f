"""`python -m featevo.gallery`; see `featevo.commands.gallery`."""

import sys

from featevo.commands.gallery import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m pgssllint`."""

import sys

from pgssllint.cli import main

sys.exit(main())

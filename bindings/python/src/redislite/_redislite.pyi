# The extension that glue.py and the C compiler make.
from typing import Any

ffi: Any
lib: Any

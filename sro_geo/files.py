"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sro_geo.errors import SroError


def replace_file(file: Path, data: bytes) -> None:
    """Write a file at once and whole; raises ``SroError("file_not_writable")``."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)  # mkstemp made it 0600; an export is to be passed on
        Path(temporary).replace(file)
    except OSError as why:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        reason = why.strerror or type(why).__name__
        raise SroError("file_not_writable", file=str(file), reason=reason) from None

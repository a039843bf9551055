"""
The chunks in which nginx passes PHP's output on when it does not buffer it, computed from FastCGI records.

PHP-FPM sends records: a head of 8 bytes, up to 65,535 bytes of output, and zeros up to a multiple of 8 (FastCGI
specification, 3.3).  It collects a record in a buffer of 8 KiB until the script flushes its output; a longer piece of
output gets a record of its own.  With `X-Accel-Buffering: no`, nginx fills its buffer of 4 KiB (`fastcgi_buffer_size`)
with all available bytes, heads and padding of records included, and sends the output in it at once. Observed with nginx
1.22.1 and PHP-FPM 8.2: a script that flushed known pieces, and its records as they left PHP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

BUFFER: Final = 4096
"""nginx's buffer for a response of FastCGI, one page of memory."""
_HEAD: Final = 8
_MULTIPLE: Final = 8
_OUTPUT: Final = 8192 - _HEAD
"""The output that PHP-FPM collects in its buffer, which contains the record's head as well."""
_LONGEST: Final = 65528
"""The longest record of PHP-FPM."""


def records(head: int, flushed: Iterable[int]) -> Iterator[int]:
    """Yield the size of each record, if PHP sends *head* bytes of header and then flushes pieces of these sizes."""
    collected = head
    for size in flushed:
        room, left = _OUTPUT - collected, size
        if left <= room:
            collected += left
        elif left - room < _OUTPUT:
            yield _OUTPUT
            collected = left - room
        else:
            if collected:
                yield collected
            while left > _LONGEST:
                yield _LONGEST
                left -= _LONGEST
            collected = left % _MULTIPLE
            yield left - collected
        if collected:
            yield collected
        collected = 0


def chunks(head: int, flushed: Iterable[int]) -> list[int]:
    """Return the sizes of nginx's chunks if *head* bytes of header and pieces of these sizes arrive at once."""
    found, room, taken, hidden = list[int](), BUFFER, 0, head
    for size in records(head, flushed):
        for output, left in ((False, _HEAD), (True, size), (False, -size % _MULTIPLE)):
            while left:
                part = min(left, room)
                left, room = left - part, room - part
                if output:
                    header = min(hidden, part)
                    hidden, taken = hidden - header, taken + part - header
                if not room:
                    found.append(taken)
                    room, taken = BUFFER, 0
    return [size for size in (*found, taken) if size]

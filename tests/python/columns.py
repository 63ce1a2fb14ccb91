"""The primitives of messages and of Automerge's columns (PROTOCOL.md, "Primitives" and "The contents of a change")."""

import struct


class BadBytes(Exception):
    """Bytes that are not what the protocol says."""


class Reader:
    """Takes bytes apart; never reads beyond their end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def is_empty(self):
        return self.at == len(self.data)

    def take(self, count):
        end = self.at + count
        if end > len(self.data):
            raise BadBytes("cut short")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def byte(self):
        return self.take(1)[0]

    def leb128(self):
        """The bits of a number, and how many were written."""
        bits, width = 0, 0
        while width < 70:
            byte = self.byte()
            bits |= (byte & 0x7F) << width
            width += 7
            if byte < 0x80:
                return bits, width
        raise BadBytes("number too long")

    def number(self):
        return self.leb128()[0]

    def zigzag(self):
        """`signed` of the messages."""
        bits = self.number()
        return bits >> 1 ^ -(bits & 1)

    def signed_leb128(self):
        """A signed number of Automerge: two's complement."""
        bits, width = self.leb128()
        return bits - (1 << width) if bits >> (width - 1) & 1 else bits

    def bytes(self):
        return self.take(self.number())

    def text(self):
        return self.bytes().decode("utf-8")

    def list(self, item):
        return [item() for _ in range(self.number())]


def number(value):
    """Writes a `number`."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def zigzag(value):
    """Writes a `signed`."""
    return number(value << 1 if value >= 0 else (-value << 1) - 1)


def with_length(data):
    """Writes `bytes`."""
    return number(len(data)) + data


def run_lengths(data, item):
    """A run-length column: `item` reads one item. Nulls are None."""
    reader = Reader(data)
    items = []
    while not reader.is_empty():
        run = reader.signed_leb128()
        if run > 0:
            items.extend([item(reader)] * run)
        elif run < 0:
            items.extend(item(reader) for _ in range(-run))
        else:
            items.extend([None] * reader.number())
    return items


def numbers(data):
    return run_lengths(data, Reader.number)


def texts(data):
    return run_lengths(data, Reader.text)


def deltas(data):
    """A delta column: each item is the difference to the one before; nulls leave that as it is."""
    items, last = [], 0
    for difference in run_lengths(data, Reader.signed_leb128):
        if difference is None:
            items.append(None)
        else:
            last += difference
            items.append(last)
    return items


def booleans(data):
    """A boolean column: lengths of runs of false, true, false …"""
    reader = Reader(data)
    items, value = [], False
    while not reader.is_empty():
        items.extend([value] * reader.number())
        value = not value
    return items


def scalar(meta, raw):
    """A value: its length and type are in `meta`, its bytes are the next of `raw`."""
    kind, data = meta & 0xF, raw.take(meta >> 4)
    if kind == 0:
        return None
    if kind in (1, 2):
        return kind == 2
    if kind == 3:
        return Reader(data).number()
    if kind in (4, 8, 9):
        return Reader(data).signed_leb128()
    if kind == 5:
        return struct.unpack("<d", data)[0]
    if kind == 6:
        return data.decode("utf-8")
    return data

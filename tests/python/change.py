"""An Automerge change as the protocol carries it (PROTOCOL.md, "The contents of a change")."""

import hashlib
from dataclasses import dataclass

from columns import BadBytes, Reader, booleans, deltas, numbers, scalar, texts, with_length

# Column specifications: the column's number in the higher bits, its type in the lowest three.
OBJECT_ACTOR, OBJECT_COUNTER = 0x01, 0x02
KEY_ACTOR, KEY_COUNTER, KEY_TEXT = 0x11, 0x13, 0x15
INSERT, ACTION = 0x34, 0x42
VALUE_META, VALUE_RAW = 0x56, 0x57
PRED_COUNT, PRED_ACTOR, PRED_COUNTER = 0x70, 0x71, 0x73

MAKE_MAP, SET, MAKE_LIST, DELETE, MAKE_TEXT, INCREMENT = range(6)
COUNTER_TYPE = 8

# An operation is known by (counter, actor), and these are compared in this order. The root is no operation's.
ROOT = None
HEAD = (0, b"")


@dataclass
class Operation:
    id: tuple
    object: tuple
    key: object  # text in a map; in a Text the element that this one follows (when inserted) or is
    insert: bool
    action: int
    value: object
    is_counter: bool
    preds: list


@dataclass
class Change:
    hash: bytes
    deps: list
    actor: bytes
    seq: int
    time: int
    operations: list


def parse(contents):
    """The change with these contents."""
    reader = Reader(contents)
    deps = reader.list(lambda: reader.take(32))
    actor, seq, start, time = reader.bytes(), reader.number(), reader.number(), reader.signed_leb128()
    reader.bytes()  # a message, which nobody writes
    actors = [actor] + reader.list(reader.bytes)
    declared = reader.list(lambda: (reader.number(), reader.number()))
    columns = {specification: reader.take(length) for specification, length in declared}
    return Change(
        hash=hashlib.sha256(b"\x01" + with_length(contents)).digest(),
        deps=deps,
        actor=actor,
        seq=seq,
        time=time,
        operations=operations(columns, actors, start),
    )


def operations(columns, actors, start):
    def column(specification, read):
        return read(columns.get(specification, b""))

    def identity(counter, index):
        if index is None:
            return None
        return (counter, actors[index])

    actions = column(ACTION, numbers)
    count = len(actions)

    def padded(items, default=None):
        if len(items) > count:
            raise BadBytes("a column is longer than the change")
        return items + [default] * (count - len(items))

    object_actors, object_counters = (padded(column(spec, numbers)) for spec in (OBJECT_ACTOR, OBJECT_COUNTER))
    key_actors, key_counters = padded(column(KEY_ACTOR, numbers)), padded(column(KEY_COUNTER, deltas))
    key_texts, inserts = padded(column(KEY_TEXT, texts)), padded(column(INSERT, booleans), False)
    metas, raw = padded(column(VALUE_META, numbers), 0), Reader(columns.get(VALUE_RAW, b""))
    pred_counts = padded(column(PRED_COUNT, numbers), 0)
    preds = iter(zip(column(PRED_COUNTER, deltas), column(PRED_ACTOR, numbers)))

    found = []
    for index in range(count):
        if key_texts[index] is not None:
            key = key_texts[index]
        else:
            key = identity(key_counters[index], key_actors[index]) or HEAD
        meta = metas[index] or 0
        found.append(
            Operation(
                id=(start + index, actors[0]),
                object=identity(object_counters[index], object_actors[index]),
                key=key,
                insert=inserts[index],
                action=actions[index],
                value=scalar(meta, raw),
                is_counter=meta & 0xF == COUNTER_TYPE,
                preds=[identity(*next(preds)) for _ in range(pred_counts[index] or 0)],
            )
        )
    return found

"""Merging: what the changes of a record say together (PROTOCOL.md, "Merging")."""

from change import DELETE, HEAD, INCREMENT, MAKE_MAP, MAKE_TEXT, ROOT, SET, Operation

GENESIS_ACTOR = b"lianxin/genesis1"
CONTAINERS = {"text": MAKE_TEXT, "map": MAKE_MAP, "counter": SET}


def genesis(kind, containers):
    """The operations that every record of a kind begins with; `containers` are (field, container) in order."""
    operations = []

    def root(key, action, value, is_counter=False):
        identity = (len(operations) + 1, GENESIS_ACTOR)
        operations.append(Operation(identity, ROOT, key, False, action, value, is_counter, []))

    for key, container in containers:
        is_counter = container == "counter"
        root(key, CONTAINERS[container], 0 if is_counter else None, is_counter)
    root("_kind", SET, kind)
    return operations


def read(operations):
    """The record's fields: what stands at each key of the root."""
    objects = {}
    for operation in operations:
        objects.setdefault(operation.object, []).append(operation)
    fields = {}
    for key, standing in map_entries(objects.get(ROOT, [])).items():
        spread, slash, element = key.partition("/")
        if slash:
            values = [operation.value for operation in reversed(standing)]
            fields.setdefault(spread, {"spread": {}})["spread"][element] = values
        else:
            fields[key] = field(standing, objects)
    return fields


def field(standing, objects):
    """What the operations that stand at a key say. The greatest wins; the others are a conflict."""
    winner = standing[-1]
    if winner.action == MAKE_TEXT:
        return {"prose": text(objects.get(winner.id, []))}
    if winner.action == MAKE_MAP:
        inside = map_entries(objects.get(winner.id, []))
        return {"entries": {key: values[-1].value for key, values in inside.items()}}
    if winner.is_counter:
        return {"count": winner.value + sum(increments(winner, objects.get(ROOT, [])))}
    return {"values": [operation.value for operation in reversed(standing)]}


def deletion(operations, changes):
    """What stands at `deleted`: a deletion beside which somebody wrote on is in conflict with that, and loses.

    `changes` are in an order in which each follows those that it rests on.
    """
    standing = map_entries([operation for operation in operations if operation.object is ROOT])["deleted"]
    winner = standing[-1].value
    if winner is not True:
        return [winner]
    ids = {operation.id for operation in standing}
    deletions = {change.hash for change in changes if any(operation.id in ids for operation in change.operations)}
    seen, after = set(deletions), set(deletions)
    for change in reversed(changes):
        if change.hash in seen:
            seen.update(change.deps)
    for change in changes:
        if any(dep in after for dep in change.deps):
            after.add(change.hash)
    wrote_on = any(change.hash not in seen | after for change in changes)
    return [False, True] if wrote_on else [True]


def map_entries(operations):
    """For each key that has one, the operations that stand: set, and not superseded by another; the greatest last."""
    superseded = {pred for operation in operations if operation.action != INCREMENT for pred in operation.preds}
    entries = {}
    for operation in sorted(operations, key=lambda operation: operation.id):
        if operation.action not in (DELETE, INCREMENT) and operation.id not in superseded:
            entries.setdefault(operation.key, []).append(operation)
    return entries


def increments(counter, operations):
    return [other.value for other in operations if other.action == INCREMENT and counter.id in other.preds]


def text(operations):
    """The characters of a Text in their order: a tree, in which those that follow the same one come newest first."""
    followers, values = {}, {}
    superseded = {pred for operation in operations for pred in operation.preds}
    for operation in sorted(operations, key=lambda operation: operation.id):
        element = operation.id if operation.insert else operation.key
        if operation.insert:
            followers.setdefault(operation.key, []).append(operation.id)
        if operation.action != DELETE and operation.id not in superseded:
            values[element] = operation.value
    characters = []
    # A stack, because prose may be longer than Python's own stack is deep. The last pushed is the newest.
    waiting = list(followers.get(HEAD, []))
    while waiting:
        element = waiting.pop()
        characters.append(values.get(element, ""))
        waiting.extend(followers.get(element, []))
    return "".join(characters)

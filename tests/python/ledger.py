"""A second client, as small as can be: prints the records of the spaces that a user may read, as JSON.

It knows of the protocol what PROTOCOL.md says, and takes the genesis of each kind from the table there.

    python3 ledger.py PROTOCOL.md http://127.0.0.1:8080 LOGIN < PASSWORD
"""

import json
import re
import sys

import change
import exchange
import record


def kinds_of(protocol):
    """The table of kinds in PROTOCOL.md: by number (key, hash of the genesis, containers)."""
    row = re.compile(r"^\| (\d+) \| `(\w+)` \| `([0-9a-f]{64})` \| (.*) \|$", re.MULTILINE)
    containers = re.compile(r"(\w+) \((text|map|counter)\)")
    with open(protocol, encoding="utf-8") as text:
        rows = row.findall(text.read())
    return {int(kind): (key, bytes.fromhex(genesis), containers.findall(made)) for kind, key, genesis, made in rows}


def ledger(changes, kinds):
    """The merged records, by id."""
    by_record = {}
    for space, kind, identity, contents in changes:
        by_record.setdefault(identity, (space, kind, {}))[2].setdefault(contents, None)
    records = {}
    for identity, (space, kind, contents) in by_record.items():
        key, genesis, containers = kinds[kind]
        operations, known, parsed = record.genesis(key, containers), {genesis}, []
        # The server sends a change after those that it rests on.
        for read in map(change.parse, contents):
            missing = [dep for dep in read.deps if dep not in known]
            if missing:
                raise SystemExit(f"record {identity.hex()} lacks {missing[0].hex()}")
            known.add(read.hash)
            parsed.append(read)
            operations.extend(read.operations)
        fields = record.read(operations)
        if "deleted" in fields:
            fields["deleted"]["values"] = record.deletion(operations, parsed)
        named = fields.pop("_id")["values"][0], fields.pop("_kind")["values"][0]
        if named != (identity, key):
            raise SystemExit(f"record {identity.hex()} says that it is {named}")
        records[identity.hex()] = {"kind": key, "space": space, "fields": fields}
    return records


def main():
    protocol, server, login = sys.argv[1:]
    password = sys.stdin.readline().rstrip("\n")
    changes, spaces = exchange.download(server, exchange.sign_in(server, login, password))
    records = ledger(changes, kinds_of(protocol))
    print(json.dumps({"spaces": spaces, "records": records}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

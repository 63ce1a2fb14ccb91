"""Signing in and the exchange (PROTOCOL.md, "Request" and "Answer")."""

import gzip
import json
import time
import urllib.request

from columns import BadBytes, Reader, number, with_length, zigzag

VERSION = 1
REQUEST_HELLO, REQUEST_CURSORS = 1, 2
ANSWER_HELLO, ANSWER_GRANTS, ANSWER_PAGE, ANSWER_CURSORS = 1, 2, 4, 5
PAGE_BYTES_WANTED = 64 * 1024


def sign_in(server, login, password):
    """The token of a new device."""
    wanted = {"login": login, "password": password, "device_label": "ledger.py"}
    body = post(server + "/api/v1/sign-in", json.dumps(wanted).encode(), {"Content-Type": "application/json"})
    return json.loads(body)["token"]


def download(server, token):
    """Every change of every space that the user may read: (space, kind, record, contents), and the spaces' names."""
    epoch, cursors, spaces, changes = 0, {}, {}, []
    more = True
    while more:
        answer = Answer(exchange(server, token, request(epoch, cursors)))
        if epoch not in (0, answer.epoch):
            raise BadBytes("the server was restored meanwhile")
        epoch, more = answer.epoch, answer.more
        spaces.update(answer.spaces)
        changes.extend(answer.page)
        cursors.update(answer.cursors)
    return changes, spaces


def request(epoch, cursors):
    hello = b"".join(
        [
            number(epoch),
            zigzag(int(time.time() * 1000)),
            number(PAGE_BYTES_WANTED),
            number(0),  # nothing waits
            number(0),  # no grants are held
            with_length(b"ledger.py"),
        ]
    )
    held = number(len(cursors)) + b"".join(number(space) + number(position) for space, position in cursors.items())
    return bytes([VERSION]) + section(REQUEST_HELLO, hello) + section(REQUEST_CURSORS, held)


def section(tag, body):
    return number(tag) + with_length(body)


def exchange(server, token, body):
    headers = {
        "Authorization": "Bearer " + token,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "gzip",
        "Accept-Encoding": "gzip",
    }
    return post(server + "/api/v1/sync", gzip.compress(body), headers)


def post(address, body, headers):
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as response:
        body = response.read()
        return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


class Answer:
    """What a client that only reads needs of an answer. Sections that it does not know are skipped."""

    def __init__(self, data):
        reader = Reader(data)
        if reader.byte() != VERSION:
            raise BadBytes("unknown version")
        self.spaces, self.page, self.cursors = {}, [], {}
        sections = {
            ANSWER_HELLO: self.read_hello,
            ANSWER_GRANTS: self.read_grants,
            ANSWER_PAGE: self.read_page,
            ANSWER_CURSORS: self.read_cursors,
        }
        while not reader.is_empty():
            tag, body = reader.number(), Reader(reader.bytes())
            sections.get(tag, lambda _: None)(body)

    def read_hello(self, r):
        self.epoch, self.server_time_ms = r.number(), r.zigzag()
        self.more = r.byte() & 1 == 1

    def read_grants(self, r):
        r.number(), r.zigzag(), r.text()
        r.list(lambda: (r.byte(), r.text(), r.list(lambda: r.take(16))))
        for space, _kind, _unit, name, _may_write in r.list(
            lambda: (r.number(), r.byte(), r.text(), r.text(), r.byte())
        ):
            self.spaces[space] = name

    def read_page(self, r):
        r.list(lambda: (r.take(16), r.zigzag(), r.text()))
        self.page = r.list(lambda: self.read_entry(r))

    @staticmethod
    def read_entry(r):
        space, _position, _received = r.number(), r.zigzag(), r.zigzag()
        return space, r.byte(), r.take(16), r.bytes()

    def read_cursors(self, r):
        self.cursors = dict(r.list(lambda: (r.number(), r.number())))

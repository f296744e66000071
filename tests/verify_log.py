#!/usr/bin/env python3
"""Checks an exported audit log of dsr with nothing but this file and Python 3.8: docs/audit-format.md.
  verify_log.py DIRECTORY [KEY]     prints `ok SIZE ROOT`, or `bad NUMBER WHY` and exits 1
The keys in the directory come from where the log comes from: give the KEY you were told by another way."""
import base64, hashlib, json, pathlib, sys

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

class Tree:  # RFC 6962 section 2.1, as far as an append needs it
    def __init__(self):
        self.size, self.peaks = 0, []
    def append(self, leaf):
        node, size = sha(b"\0", leaf), self.size
        while size & 1:
            node, size = sha(b"\1", self.peaks.pop(), node), size >> 1
        self.peaks.append(node)
        self.size += 1
    def root(self):
        node = self.peaks[-1] if self.peaks else sha()
        for left in reversed(self.peaks[:-1]):
            node = sha(b"\1", left, node)
        return node

# Ed25519, RFC 8032 section 5.1, in affine coordinates: slow and short.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(p, q):
    t = D * p[0] * q[0] * p[1] * q[1] % P
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + t, P - 2, P)
    return x % P, (p[1] * q[1] + p[0] * q[0]) * pow(1 - t, P - 2, P) % P

def times(n, p, q=(0, 1)):
    while n:
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q

def point(data):
    n = int.from_bytes(data, "little")
    y, sign = n & (2**255 - 1), n >> 255
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if x * x % P == xx else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != xx or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def signed(key, signature, text):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    return times(s, BASE) == add(r, times(h, a))

def has_signed(vkey, note):  # C2SP signed-note
    name, _, rest = vkey.partition("+")
    (text, _, lines), key = note.rpartition("\n\n"), base64.b64decode(rest.partition("+")[2], validate=True)
    begin, mark = f"\u2014 {name} ", sha(name.encode(), b"\n", key)[:4]
    found = [base64.b64decode(line[len(begin):], validate=True) for line in lines.splitlines() if line.startswith(begin)]
    own = [one[4:] for one in found if one[:4] == mark]
    return bool(own) and all(signed(key[1:], one, (text + "\n").encode()) for one in own)

def check(directory, given):
    note = (directory / "head.note").read_text("utf-8")
    origin, size, root = note.split("\n")[:3]
    tree, keys, seq = Tree(), set(), 0
    roots = (directory / "roots.txt").read_text("ascii").split("\n")[:-1]
    for seq, line in enumerate((directory / "entries.ndjson").read_bytes().split(b"\n")[:-1], 1):
        try:
            entry = json.loads(line)
            again = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        except ValueError:
            return seq, "no entry"
        place = (again, entry.get("log"), entry.get("seq"), entry.get("prev"))
        if place != (line, origin[len("dsr/log/"):], seq, tree.root().hex()):
            return seq, "not canonical, or not in its place"
        if entry["state"] in ("created", "keyed"):
            keys.add(entry.get("output"))
        tree.append(line)
        if roots[seq - 1:seq] != [tree.root().hex()]:
            return seq, "the entry or its root was edited"
    if (str(tree.size), base64.b64encode(tree.root()).decode()) != (size, root):
        return min(seq + 1, int(size)), "the entries do not give the head"
    published = (directory / "keys.txt").read_text("utf-8").splitlines()
    known = [key for key in published if sha(key.encode()).hex() in keys and given in (None, key)]
    if not any(has_signed(key, note) for key in known):
        return tree.size, "no key that the log speaks of signed the head" + (known and ": was KEY replaced? see README.txt" or "")
    if any(sha(key.encode()).hex() not in keys for key in published):
        return tree.size, "a key in keys.txt is not spoken of in the log"
    return None, f"{tree.size} {tree.root().hex()}"

if __name__ == "__main__":
    try: bad, why = check(pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
    except (OSError, ValueError, IndexError) as error: bad, why = 0, f"{error}; usage: verify_log.py DIRECTORY [KEY]"
    print(f"bad {bad} {why}" if bad is not None else f"ok {why}")
    sys.exit(bad is not None)

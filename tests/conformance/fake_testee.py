"""A testee for the toy suite that answers rightly, or misbehaves in the way its argument names."""

import json
import os
import subprocess
import sys
import time

MODE = sys.argv[1]
HELLO = {"type": "hello", "protocol": 1, "name": "fake", "operations": ["*"], "profiles": ["core"]}


def halve(data):
    value = int(data["value"])
    return {"error": "VALUE_RANGE"} if value >= 100 else {"ok": {"half": str(value // 2)}}


def count(data):
    total, answers = int(data["init"]), []
    first = total
    for step in data["steps"]:
        refused = total + int(step["input"]) > 10
        if not refused or MODE == "refusal-changes-state":
            total += int(step["input"])
        answer = {"error": "VALUE_RANGE"} if refused else {"ok": str(total)}
        answers.append({**answer, "state_digest": f"0x{total:064x}"})
    return {"ok": {"init_digest": f"0x{first:064x}", "steps": answers, "state": str(total)}}


def say(message):
    print(json.dumps(message), flush=True)


def answer(message):
    """The right answer, as a message."""
    rules = {"toy.halve": halve, "toy.count": count, "toy.sign": lambda data: {"ok": True}}
    return {"id": message["id"], **rules[message["operation"]](message["input"])}


#: Whole lines that are no answer, or none that can be trusted: %d is the id.
LINES = {
    "not-utf-8": b'{"id": %d, "error": "\xff"}',
    "byte-order-mark": b'\xef\xbb\xbf{"id": %d, "error": "EMPTY"}',
    "half-a-pair": b'{"id": %d, "skipped": "\\uD800"}',
    "deep": b'{"id": %d, "ok": ' + b"[" * 200 + b"]" * 200 + b"}",
    "very-deep": b'{"id": %d, "ok": ' + b"[" * 100000 + b"]" * 100000 + b"}",
    "infinity": b'{"id": %d, "ok": -Infinity}',
    "digits": b'{"id": %d, "ok": ' + b"9" * 10000 + b"}",
    "empty-line": b"",
    "array": b"[%d]",
    "two-on-a-line": b'{"id": %d, "ok": 1}{"ok": 2}',
    "no-code": b'{"id": %d, "error": "<b>no code</b>"}',
    "nothing-said": b'{"id": %d}',
}


def say_line(line, identity):
    """Write bytes as they are."""
    sys.stdout.buffer.write(line.replace(b"%d", b"%d" % identity) + b"\n")
    sys.stdout.buffer.flush()


def misbehave(message, right, is_target):
    """The vices that hit one case only, and those that hit all."""
    if MODE in LINES and is_target:
        return say_line(LINES[MODE], right["id"])
    if MODE == "endless-line" and is_target:
        while True:
            sys.stdout.write("x" * 65536)
    elif MODE == "cut-line" and is_target:
        sys.stdout.write('{"id": 1, "o')
        sys.stdout.flush()
        os._exit(0)
    elif MODE == "orphan" and is_target:
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
        os._exit(4)
    elif MODE == "drip" and is_target:
        for character in json.dumps(right):
            sys.stdout.write(character)
            sys.stdout.flush()
            time.sleep(0.3)
    elif MODE == "stderr-flood" and is_target:
        while True:
            os.write(2, b"x" * 65536)
    elif MODE == "deaf" and is_target:
        os.close(0)
        time.sleep(60)
    elif MODE == "steers" and is_target:
        right = {"id": right["id"], "skipped": "\x1b[2Jgone", "link": "https://example.org/\nall passed"}
    elif MODE == "wrong" and is_target:
        right["ok"] = {"half": "3"}
    elif MODE == "wrong-code" and "error" in right:
        right["error"] = "EMPTY"
    elif MODE == "accepts-all" and "error" in right:
        right = {"id": right["id"], "ok": {"half": "50"}}
    elif MODE == "crash" and is_target:
        print("about to fail", file=sys.stderr, flush=True)
        os._exit(3)
    elif MODE in ("crash-always", "fickle"):
        os._exit(3)
    elif MODE == "exit-zero" and is_target:
        os._exit(0)
    elif MODE == "crash-on-refusal" and "error" in right:
        os._exit(1)
    elif MODE == "hang" and is_target:
        time.sleep(60)
    elif MODE == "garbage" and is_target:
        print("Traceback: this is not JSON", flush=True)
        return
    elif MODE == "two-answers-in-one" and is_target:
        right["error"] = "EMPTY"
    elif MODE == "key-twice" and is_target:
        print(f'{{"id": {right["id"]}, "ok": 1, "ok": 2}}', flush=True)
        return
    elif MODE == "nan" and is_target:
        right["ok"] = float("nan")
    elif MODE == "true-for-one" and is_target:
        right["id"] = True
    elif MODE == "out-of-order" and is_target:
        right["id"] += 1
    elif MODE == "wrong-id" and is_target:
        right["id"] += 1000
    elif MODE == "unterminated" and is_target:
        sys.stdout.write("x" * 100)
        sys.stdout.flush()
        os.close(1)
        time.sleep(60)
    elif MODE == "flood" and is_target:
        while True:
            say({"id": 999, "ok": 1})
    elif MODE == "late-twice" and is_target:
        say(right)
        time.sleep(0.1)
    elif MODE == "skip" and is_target:
        right = {"id": right["id"], "skipped": "known bug", "link": "https://example.org/7"}
    elif MODE == "skip-second" and right["id"] > 1:
        right = {"id": right["id"], "skipped": "known bug"}
    elif MODE == "unsupported":
        right = {"id": right["id"], "unsupported": "not yet"}
    elif MODE == "noise":
        print("a warning on stderr", file=sys.stderr, flush=True)
    say(right)
    if MODE in ("twice", "twice-last") and is_target:
        say(right)


def main():
    if MODE == "no-start":
        print("no such licence", file=sys.stderr)
        sys.exit(5)
    targets = {"twice-last": "toy.count"}
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "hello":
            fickle = {"name": f"fake {os.getpid()}"} if MODE == "fickle" else {}
            say({**HELLO, **PROFILES.get(MODE, {}), **fickle})
            if MODE == "hello-twice":
                say(HELLO)
        elif message["type"] == "stop":
            if MODE == "stays":
                time.sleep(60)
            if MODE == "talks-on":
                say({"bye": 1})
            sys.exit(7 if MODE == "bad-leave" else 0)
        else:
            data = message["input"]
            plain = message["operation"] == "toy.halve" and data["value"] == "4"
            is_target = message["operation"] == targets[MODE] if MODE in targets else plain
            misbehave(message, answer(message), is_target)


PROFILES = {
    "old": {"protocol": 2},
    "float-protocol": {"protocol": 1.0},
    "no-operations": {"operations": []},
    "more": {"mood": "good"},
    "half-a-name": {"name": "\ud800"},
    "colourful": {"name": "fine\x1b[2J\nfake conforms: 5 passed"},
    "all-profiles": {"profiles": ["core", "bls"]},
    "halves-only": {"operations": ["toy.halve"]},
}

if __name__ == "__main__":
    main()

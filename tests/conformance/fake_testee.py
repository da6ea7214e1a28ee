"""A testee for the toy suite that answers rightly, or misbehaves in the way its argument names."""

import json
import os
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


def misbehave(message, right, is_target):
    """The vices that hit one case only, and those that hit all."""
    if MODE == "wrong" and is_target:
        right["ok"] = {"half": "3"}
    elif MODE == "wrong-code" and "error" in right:
        right["error"] = "EMPTY"
    elif MODE == "accepts-all" and "error" in right:
        right = {"id": right["id"], "ok": {"half": "50"}}
    elif MODE == "crash" and is_target:
        print("about to fail", file=sys.stderr, flush=True)
        os._exit(3)
    elif MODE == "crash-always":
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
            say({**HELLO, "protocol": 2} if MODE == "old" else {**HELLO, **PROFILES.get(MODE, {})})
        elif message["type"] == "stop":
            sys.exit(7 if MODE == "bad-leave" else 0)
        else:
            data = message["input"]
            plain = message["operation"] == "toy.halve" and data["value"] == "4"
            is_target = message["operation"] == targets[MODE] if MODE in targets else plain
            misbehave(message, answer(message), is_target)


PROFILES = {"all-profiles": {"profiles": ["core", "bls"]}, "halves-only": {"operations": ["toy.halve"]}}

if __name__ == "__main__":
    main()

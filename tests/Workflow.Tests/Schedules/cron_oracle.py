"""Fire times by looking at every minute of a stretch of time, on the clock that Python's zoneinfo shows. Nothing here is computed from transitions.

stdin: {"expressions": [...], "stretches": [{"zone", "from", "to"}, ...]}, times in seconds since 1970. stdout: a line per stretch and expression, "zone|from|expression|t1 t2 ..." in minutes since 1970.
"""
import json
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

NAMES = ({n: i + 1 for i, n in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())}, {n: i for i, n in enumerate("SUN MON TUE WED THU FRI SAT".split())})


def number(text, names):
    return names[text] if text in names else int(text)


def values(field, low, high, names):
    found = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (number(part, names) for part in span.split("-"))
        else:
            first = number(span, names)
            last = high if step else first
        found |= set(range(first, last + 1, int(step or 1)))
    return found


class Expression:
    def __init__(self, text):
        self.text = text
        minute, hour, day, month, weekday = text.split()
        self.times = {h * 60 + m for h in values(hour, 0, 23, {}) for m in values(minute, 0, 59, {})}
        self.days, self.months = values(day, 1, 31, {}), values(month, 1, 12, NAMES[0])
        self.weekdays = {d % 7 for d in values(weekday, 0, 7, NAMES[1])}
        self.either = day[0] != "*" and weekday[0] != "*"
        self.fixed = minute[0] != "*" and hour[0] != "*"
        self.known = {}

    def fits_day(self, ordinal):
        if ordinal not in self.known:
            at = date.fromordinal(ordinal)
            by_day, by_weekday = at.day in self.days, at.isoweekday() % 7 in self.weekdays
            self.known[ordinal] = at.month in self.months and ((by_day or by_weekday) if self.either else (by_day and by_weekday))
        return self.known[ordinal]

    def fits(self, shown):
        return shown % 1440 in self.times and self.fits_day(shown // 1440)


def scan(zone, start, end, expressions):
    clock, read, fired = ZoneInfo(zone), datetime.fromtimestamp, [[] for _ in expressions]
    at_time = [[(i, e) for i, e in enumerate(expressions) if t in e.times] for t in range(1440)]
    latest = None  # the latest wall-clock minute shown so far, in minutes since 0001
    for t in range(start - 2 * 86400, end, 60):
        local = read(t, clock)
        time = local.hour * 60 + local.minute
        shown = local.toordinal() * 1440 + time
        skipped = range(latest + 1, shown) if latest is not None and shown > latest + 1 else ()
        for i, e in at_time[time] if not skipped else list(enumerate(expressions)):
            now = e.fits(shown)
            if e.fixed:
                now = (now and (latest is None or shown > latest)) or any(e.fits(s) for s in skipped)
            if now and t >= start:
                fired[i].append(t // 60)
        if latest is None or shown > latest:
            latest = shown
    return fired


def main():
    task = json.load(sys.stdin)
    expressions = [Expression(text) for text in task["expressions"]]
    for stretch in task["stretches"]:
        for e, fired in zip(expressions, scan(stretch["zone"], stretch["from"], stretch["to"], expressions)):
            print(stretch["zone"], stretch["from"], e.text, " ".join(map(str, fired)), sep="|")


main()

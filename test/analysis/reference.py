"""Writes reference.json: what scipy says of seeded inputs. Run: pip install scipy && python3 reference.py"""

import json
from pathlib import Path

from scipy.stats import fisher_exact, mannwhitneyu, norm

state = 1


def draw(below):
    """The generator of reference.ts, number by number."""
    global state
    state = (state * 48271) % 2147483647
    return state % below


def sample(size, spread, shift):
    return [(draw(spread) + shift) / 4 for _ in range(size)]


def samples():
    m, n = 5 + draw(40), 5 + draw(40)
    spread = (3, 10, 100, 1000000)[draw(4)]
    shift = draw(1 + spread // 2)
    return sample(m, spread, shift), sample(n, spread, 0)


def rounded(value):
    return float(f"{value:.12g}")


def score(x, y):
    result = mannwhitneyu(x, y, method="asymptotic", use_continuity=True)
    sign = 1 if result.statistic >= len(x) * len(y) / 2 else -1
    return result.statistic, sign * float(norm.isf(result.pvalue / 2))


def interval(x, y, q):
    """The ends: the differences at which the score of x - mu falls below q, and below -q."""
    steps = sorted({a - b for a in x for b in y})
    between = [(a + b) / 2 for a, b in zip(steps, steps[1:])]
    scores = [score([a - mu for a in x], y)[1] for mu in between]
    low = next((step for step, z in zip(steps, scores) if z < q), steps[-1])
    high = next((step for step, z in zip(steps, scores) if z < -q), steps[-1])
    return [low, high]


def ranks(_):
    x, y = samples()
    u, z = score(x, y)
    return [float(u), rounded(z)]


def ends(_):
    m, n = 5 + draw(6), 5 + draw(6)
    x, y = sample(m, 40, draw(20)), sample(n, 40, 0)
    return interval(x, y, float(norm.isf(0.01)))


def fisher(_):
    size = (10, 100, 10000, 1000000)[draw(4)]
    m, n = 1 + draw(size), 1 + draw(size)
    share = (1, 20, 1000)[draw(3)]
    a, b = draw(1 + m // share), draw(1 + n // share)
    return [rounded(fisher_exact([[a, m - a], [b, n - b]], alternative=way).pvalue) for way in ("greater", "less")]


found = {"ranks": [ranks(i) for i in range(10000)], "ends": [ends(i) for i in range(200)], "fisher": [fisher(i) for i in range(500)]}
Path(__file__).with_name("reference.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")

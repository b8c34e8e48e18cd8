"""Figures of a sample of cosines and of unit vectors, by NumPy: percentiles, moments, AUC by all pairs, alignment and uniformity as Wang and Isola's code has them."""
import os
import sys

import numpy as np

folder = sys.argv[1]


def read(name, width=None):
    values = np.fromfile(os.path.join(folder, name), dtype=np.float64)
    return values if width is None else values.reshape(-1, width)


def write(name, values):
    np.asarray(values, dtype=np.float64).tofile(os.path.join(folder, name))


for name in ("odd", "even", "ties", "one"):
    x = read(name)
    write(name + ".figures", [x.mean(), x.std(), *np.percentile(x, [1, 5, 50, 95, 99])])
    write(name + ".counts", np.histogram(x, bins=64, range=(-1, 1))[0])

p, n = read("even"), read("odd")
write("auc", [((p[:, None] > n[None, :]).sum() + 0.5 * (p[:, None] == n[None, :]).sum()) / (len(p) * len(n))])
p, n = read("ties"), read("ties2")
write("auc_ties", [((p[:, None] > n[None, :]).sum() + 0.5 * (p[:, None] == n[None, :]).sum()) / (len(p) * len(n))])

width = int(sys.argv[2])
q, d = read("queries", width), read("passages", width)
q, d = q / np.linalg.norm(q, axis=1, keepdims=True), d / np.linalg.norm(d, axis=1, keepdims=True)


def pairs(rows):
    i, j = np.triu_indices(len(rows), 1)
    return rows[i], rows[j]


def uniform(rows):
    a, b = pairs(rows)
    return np.log(np.exp(-2 * ((a - b) ** 2).sum(1)).mean())


def deviation(rows):
    a, b = pairs(rows)
    return (a * b).sum(1).std()


own_q = q[np.unique(read("query_rows").astype(int), return_index=True)[1]]
own_d = d[np.unique(read("clusters").astype(int), return_index=True)[1]]
write("reading", [((q - d) ** 2).sum(1).mean(), (uniform(own_q) + uniform(own_d)) / 2, deviation(own_q), deviation(own_d)])

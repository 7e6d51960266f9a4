#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters and orders select the runs that MLflow selects, in its order.

One store, some hundreds of generated filters: each is given to MLflow's client
and to `mltower runs`, and the two lists of run ids have to be the same.
"""
from lib_live import Test

N_FILTERS = 500

WRITE = r"""
import json, random, sys
from mlflow import MlflowClient
from mlflow.entities import (Dataset, DatasetInput, InputTag, Metric, Param,
                             RunTag)
uri, n_filters = sys.argv[1], int(sys.argv[2])
c = MlflowClient(uri)
rnd = random.Random(7)
exps = [c.create_experiment(n) for n in ('fraud', 'solar')]
numbers = [0., -0., .5, .9, .91, -1.5, 3, 1e-9, 1e300, float('nan'),
           float('inf'), float('-inf')]
texts = ['12', '12.0', '7', 'auto', 'Auto', '', 'a b', "it's", "it''s",
         'say "hi"', '100%', 'a_b', 'axb', '\u00e9t\u00e9', 'C:\\',
         '\u65e5\u672c', 'NaN', '1e1', "it\\'s"]
names = ['rf-1', 'RF-1', 'gbt solar', 'cnn_100%', '\u6a21\u578b', 'x.y', '']
metrics = ['auc', 'val/auc', 'a b', 'x.y', 'm.max', 'two words-1']
params = ['depth', 'opt.lr', 'with space', 'Depth']
tags = ['word', 'mlflow.note', 'a:b', 'k-1']
# Ours sorts texts that are numbers by value, MLflow by letter: not these.
words = ['a', 'B', 'b', 'ab', '', '\u00e9t\u00e9', 'z z', '\u65e5']
made = []
for i in range(90):
    r = c.create_run(rnd.choice(exps), run_name=rnd.choice(names) or None,
                     start_time=1700000000000 + rnd.choice([0, 1, 2, 50]) * 1000,
                     tags={t: rnd.choice(texts if t != 'word' else words)
                           for t in tags if rnd.random() < .6}).info.run_id
    made.append(r)
    c.log_batch(r, metrics=[Metric(m, rnd.choice(numbers), 1, s)
                            for m in metrics if rnd.random() < .7
                            for s in range(rnd.choice([1, 2]))],
                params=[Param(p, rnd.choice(texts)) for p in params
                        if rnd.random() < .7])
    for k in range(rnd.choice([0, 0, 1, 2])):
        c.log_inputs(r, [DatasetInput(
            Dataset(rnd.choice(['tx', 'Tx', 'eval set']),
                    rnd.choice(['8c1f', 'e09b']), 'local', '{}'),
            [InputTag('mlflow.data.context', rnd.choice(['train', 'eval']))])])
    status = rnd.choice(['FINISHED', 'FAILED', 'KILLED', None])
    if status:
        c.set_terminated(r, status, 1700000100000 + i * 1000)
for r in made[::17]:
    c.delete_run(r)

def text(v):
    for q in rnd.sample('\'"', 2):
        if q not in v:
            return q + v + q
    return "'x'"

def key(k):
    if all(ch.isalnum() or ch in '._' for ch in k) and rnd.random() < .5:
        return k
    q = rnd.choice('`"\'')
    return q + k + q

def clause():
    kind = rnd.choice('mmmppttadn')
    if kind == 'm':
        op = rnd.choice(['=', '!=', '<', '<=', '>', '>='])
        v = rnd.choice(['0', '0.5', '.9', '-1.5', '3', '1e-9', '1e300', '5.',
                        '0.91', '-0', '1e400', '-1e400'])
        return '%s.%s%s%s%s%s' % (rnd.choice(['metrics', 'metric', '`metrics`']),
                                  key(rnd.choice(metrics)), rnd.choice(['', ' ']),
                                  op, rnd.choice(['', ' ']), v)
    if kind in 'pt':
        pre, ks = (('params param parameters parameter'.split(), params)
                   if kind == 'p' else ('tags tag'.split(), tags))
        k = '%s.%s' % (rnd.choice(pre), key(rnd.choice(ks)))
        if rnd.random() < .2:
            return k + rnd.choice([' IS NULL', ' IS NOT NULL', ' is null'])
        return k + ' %s %s' % pick_text(texts)
    if kind == 'd':
        k = '%s.%s' % (rnd.choice(['dataset', 'datasets']),
                       rnd.choice(['name', '`digest`', 'context']))
        vs = ['tx', 'Tx', 'eval set', '8c1f', 'train', 'eval', 'none']
        if rnd.random() < .3:
            return '%s %s (%s)' % (k, rnd.choice(['IN', 'NOT IN']),
                ', '.join("'%s'" % v for v in rnd.sample(vs, 2)))
        return k + ' %s %s' % pick_text(vs)
    if kind == 'n':
        return '%s %s %d' % (rnd.choice(['start_time', 'attributes.end_time',
                                         'created', 'attr.Created']),
                             rnd.choice(['=', '!=', '<', '<=', '>', '>=']),
                             1700000000000 + rnd.choice([0, 1, 2, 50, 130]) * 1000)
    what = rnd.randrange(5)
    if what == 0:
        return '%s %s (%s)' % (rnd.choice(['run_id', 'attributes.run_id']),
                               rnd.choice(['IN', 'not in']),
                               ','.join("'%s'" % r for r in rnd.sample(made, 5)))
    if what == 1:
        return 'status %s %s' % pick_text(['FINISHED', 'finished', 'RUNNING',
                                           'F%', 'KILLED'])
    if what == 2:
        return '%s %s %s' % ((rnd.choice(['artifact_uri', 'run.artifact_uri']),)
                             + pick_text(['%artifacts', 'x%', '/%']))
    return '%s %s %s' % ((rnd.choice(['run_name', 'attributes.run_name',
                                      'attributes.`Run name`', '"run_name"',
                                      'attr.`run name`']),)
                         + pick_text(names[:-1] + ['%', 'rf%', '_F-1', 'x_y']))

def pick_text(vs):
    v = rnd.choice(vs)
    op = rnd.choice(['=', '!=', 'LIKE', 'ILIKE', 'like'])
    if op.lower() in ('like', 'ilike') and rnd.random() < .6:
        v = rnd.choice([v[:1] + '%', '%' + v[-1:], '%' + v[1:2] + '%', v + '_'])
    return op, text(v)

def order():
    by, ours = [], []
    pool = (['metrics.`%s`' % m for m in metrics] +
            ['tags.word', 'start_time', 'end_time', 'attributes.run_id', 'status',
             'run_name'])
    for k in rnd.sample(pool, rnd.choice([0, 1, 1, 2, 3])):
        d = rnd.choice(['', ' ASC', ' DESC'])
        by.append(k + d)
        ours.append(k.replace('attributes.', '') +
                    (':desc' if d == ' DESC' else ''))
    return by, ','.join(ours)

out, refused = [], []
while len(out) < n_filters:
    f = rnd.choice([' and ', ' AND ']).join(
        clause() for _ in range(rnd.choice([1, 1, 1, 2, 3])))
    # MLflow overlooks an AND too many.
    f = rnd.choice(['', '', '', 'and ']) + f + rnd.choice(['', '', '', ' AND'])
    by, ours = order()
    try:
        got = c.search_runs(exps, f, max_results=1000, order_by=by)
    except Exception as e:
        refused.append((f, str(e)[:200]))
        if len(refused) > n_filters:
            sys.exit('MLflow refuses nearly all: %r' % refused[:3])
        continue
    out.append((f, ours, [r.info.run_id for r in got]))
print(json.dumps({'asked': out, 'refused': refused}))
"""


def main():
    t = Test()
    store = t.path("mlflow.db")
    answer = t.mlflow(WRITE, "sqlite:///" + store, str(N_FILTERS))
    print(f"{len(answer['asked'])} filters, "
          f"{sum(bool(ids) for _, _, ids in answer['asked'])} select runs; "
          f"MLflow refused {len(answer['refused'])}")
    for text, sort, ids in answer["asked"]:
        args = ["runs", store, "--filter", text, "--columns", "run_id"]
        if sort:
            args += ["--sort", sort]
        rows = t.json(*args)
        got = [r["run_id"] for r in rows] if rows is not None else None
        t.check(got == ids, f"filter {text!r} sort {sort!r}: {len(got)} runs, "
                f"MLflow {len(ids)}" if len(got) != len(ids) else
                f"filter {text!r} sort {sort!r}: other runs or another order")
    t.end()


if __name__ == "__main__":
    main()

"""How fast the product is, measured beside the least that the same reading can cost.

    .venv/bin/uv run --group test python -m tests.bench               # everything, both databases
    .venv/bin/uv run --group test python -m tests.bench --db sqlite --only pages
    .venv/bin/uv run --group test python -m tests.bench --only processor --db sqlite
    .venv/bin/uv run --group test python -m tests.bench --quick       # a tenth of the data

Not part of the tests: it takes minutes and says something only on a machine that is left in peace.
The data (20,000 accounts, 50,000 people, 5,000 cases, 500,000 activities) is built once and kept in
.forankra/bench; `--rebuild` makes it anew. The same seed gives the same data, relative to today.

- `data`      builds the data by Core batches
- `limit`     a bare Flask app with hand-picked statements: what the same page costs at least
- `pages`     which pages are asked for, in ours and in the limit app
- `servers`   starts both under the production server
- `load`      asks, with one client and with eight, and times the answers
- `processor` the same pages by the work of the process alone, where no machine is in peace
- `planner`   the planner and the clock's tick against the database's own limit
- `notices`   reading procurement notices against the least that it can cost
- `forecasts` the likely signing of every case that has milestones

What was measured last, and on which machine, stands in crm/docs/performance.md.
"""

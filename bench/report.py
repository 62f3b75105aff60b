"""Summary of all runs, and its table."""

from statistics import median

COLUMNS = [  # title, key in a summary, format
    ("ops/s", "ops_per_second", "{:,.0f}"), ("ops/raw", "ops_ratio", "{:.2f}"), ("±%", "ops_ratio_spread", "{:.0f}"),
    ("CPU µs/op", "cpu_us", "{:.3f}"), ("CPU/raw", "cpu_ratio", "{:.2f}"), ("±%", "cpu_ratio_spread", "{:.0f}"),
    ("Ir/op", "instructions", "{:,.0f}"), ("allocs/op", "allocations", "{:.3f}"),
    ("syscalls/op", "system_calls", "{:.4f}"), ("p50 µs", "p50_us", "{:.1f}"), ("p99 µs", "p99_us", "{:.1f}"),
]


def spread(values):
    """Median distance from the median, in percent of it."""
    middle = median(values)
    return 100 * median(abs(v - middle) for v in values) / middle if middle else 0.0


def summarize(case, placement, runs, raw_runs, costs):
    """Medians of one case. Ratios are taken within each round, where raw ran moments before: drift cancels out."""
    summary = {"scenario": case.scenario.name, "client": case.client, "placement": placement,
               **{k: median(r[k] for r in runs) for k in ("ops_per_second", "cpu_us", "user_us", "system_us", "p50_us",
                                                          "p99_us", "p999_us")}, **costs}
    if raw_runs:
        for name, key in (("ops_ratio", "ops_per_second"), ("cpu_ratio", "cpu_us")):
            ratios = [r[key] / raw[key] for r, raw in zip(runs, raw_runs) if raw[key]]
            if ratios:
                summary[name], summary[name + "_spread"] = median(ratios), spread(ratios)
    return summary | {"runs": runs}


def table(summaries):
    """The summaries as a table in Markdown, aligned for reading in a terminal too."""
    rows = [["scenario", "client", "at", *(title for title, _, _ in COLUMNS)]]
    for s in summaries:
        rows.append([s["scenario"], s["client"], s["placement"],
                     *(form.format(s[key]) if key in s else "-" for _, key, form in COLUMNS)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(c.ljust(w) if i < 3 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    ruler = "|" + "|".join("-" * (w + 2) if i < 3 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], ruler, *lines[1:]])


def notes(catalogue, costs, placements):
    """What a reader must know to believe the table, above all what is not in it."""
    text = ["Quote ratios to raw, not ops/s: servers and clients share a machine. A time ratio within 15 % is a tie;",
            "instructions, allocations and system calls per operation are repeatable. ±%: a ratio's median deviation.",
            "raw: hand-written socket loop that checks every value, and the limit to compare with."]
    if "f" in placements:
        text.append("at: f = this machine has one CPU for servers and clients, so nothing is pinned.")
    else:
        text.append("at: s = client on the servers' CPU, x = on another one.")
    if catalogue.missing:
        text.append(f"Peers not found when the programs were built: {', '.join(catalogue.missing)}.")
    for name, why in costs.missing.items():
        text.append(f"Not measured: {name.replace('_', ' ')} per operation ({why}).")
    return "\n".join(text)

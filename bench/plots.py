"""Small plots as SVG, light or dark as their reader's screen is: bars and curves, both on logarithmic scales. Knows nothing of what it
draws."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
# Classes of colours; the first is ours.
COLOURS = [f"c{number}" for number in range(7)]
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; } .faint { fill: #59636e; font-size: 12px; }
.title { font-weight: 600; font-size: 15px; } .paper { fill: #ffffff; } .halo { stroke: #ffffff !important; stroke-width: 4; paint-order: stroke; } .rule { stroke: #d1d9e0; stroke-width: 1; }
.curve { fill: none !important; stroke-width: 2.25; }
.c0 { fill: #0969da; stroke: #0969da; } .c1 { fill: #bc4c00; stroke: #bc4c00; } .c2 { fill: #1a7f64; stroke: #1a7f64; }
.c3 { fill: #a6407e; stroke: #a6407e; } .c4 { fill: #8250df; stroke: #8250df; } .c5 { fill: #9a6700; stroke: #9a6700; }
.c6 { fill: #818b98; stroke: #818b98; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; } .faint { fill: #9198a1; } .paper { fill: #0d1117; } .halo { stroke: #0d1117 !important; } .rule { stroke: #3d444d; }
.c0 { fill: #4493f8; stroke: #4493f8; } .c1 { fill: #f0883e; stroke: #f0883e; } .c2 { fill: #3fb98f; stroke: #3fb98f; }
.c3 { fill: #db7bb8; stroke: #db7bb8; } .c4 { fill: #ab7df8; stroke: #ab7df8; } .c5 { fill: #d4a72c; stroke: #d4a72c; }
.c6 { fill: #818b98; stroke: #818b98; } }
"""


def text(x, y, said, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"' + (f' class="{kind}"' if kind else "") + f">{escape(said)}</text>"


def rule(x1, y1, x2, y2):
    return f'<line class="rule" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def sheet(title, height, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
            f'aria-label="{escape(title, {chr(34): "&quot;"})}">')
    paper = f'<rect width="{WIDTH}" height="{height}" rx="6" class="paper"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", paper, text(20, 28, title, kind="title"), *parts, "</svg>"]) + "\n"


def short(value):
    """`1.2`, `35`, `1k`, `10M`."""
    for scale, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= scale:
            return f"{value / scale:.3g}{unit}"
    return f"{value:.3g}"


def decades(low, high):
    """Powers of ten around some values."""
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high) - 1e-9) + 1)


def bars(title, axis, groups, show):
    """`groups` of rows: (name, value, whether it is ours); `show`: a value in words."""
    left, right, top, step, gap = 310, 96, 84, 26, 12
    rows = [row for group in groups for row in group]
    height = top + step * len(rows) + gap * len(groups) + 4
    powers = decades(min(value for _, value, _ in rows), max(value for _, value, _ in rows))
    low, high = powers[0], max(powers[-1], powers[0] + 1)
    at = lambda value: left + (WIDTH - left - right) * (math.log10(value) - low) / (high - low)
    parts = [text(20, 47, axis, kind="faint")]
    for power in powers:
        parts += [rule(at(10.0**power), top - 8, at(10.0**power), height - 14), text(at(10.0**power), top - 14, short(10.0**power), "middle", "faint")]
    y = top
    for group in groups:
        for name, value, own in group:
            wide = max(at(value) - left, 2)
            parts.append(f'<rect x="{left}" y="{y}" width="{wide:.1f}" height="{step - 9}" rx="2" class="{COLOURS[0] if own else COLOURS[6]}"/>')
            parts += [text(left - 8, y + 13, name, "end"), text(at(value) + 7, y + 13, show(value))]
            y += step
        y += gap
    return sheet(title, height, parts)


def curves(title, across, up, series):
    """`series`: name to [(x, y)]; the first is ours. Names stand at the ends of their curves, moved apart where they would meet."""
    left, right, top, bottom, height = 66, 150, 62, 46, 400
    points = [point for curve in series.values() for point in curve]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low_x, high_x = math.log10(min(xs)), max(math.log10(max(xs)), math.log10(min(xs)) + .1)
    powers = decades(min(ys), max(ys))
    low_y, high_y = powers[0], max(powers[-1], powers[0] + 1)
    at_x = lambda x: left + (WIDTH - left - right) * (math.log10(x) - low_x) / (high_x - low_x)
    at_y = lambda y: height - bottom - (height - top - bottom) * (math.log10(y) - low_y) / (high_y - low_y)
    parts = [text(20, 47, up, kind="faint"), text((left + WIDTH - right) / 2, height - 10, across, "middle", "faint")]
    for power in powers:
        parts += [rule(left, at_y(10.0**power), WIDTH - right, at_y(10.0**power)), text(left - 8, at_y(10.0**power) + 4, short(10.0**power), "end", "faint")]
    for x in sorted(set(xs)):
        parts += [rule(at_x(x), height - bottom, at_x(x), height - bottom + 5), text(at_x(x), height - bottom + 19, short(x), "middle", "faint")]
    names = []
    for (name, curve), colour in zip(series.items(), COLOURS):
        line = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in curve)
        parts.append(f'<polyline class="{colour} curve" points="{line}"/>')
        parts += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" class="{colour}"/>' for x, y in curve]
        names.append([at_y(curve[-1][1]) + 4, at_x(curve[-1][0]) + 9, name, colour])
    # Names at the same end are kept apart.
    names.sort(key=lambda name: (name[1], name[0]))
    for above, below in zip(names, names[1:]):
        if below[1] == above[1]:
            below[0] = max(below[0], above[0] + 15)
    parts += [f'<text x="{x:.1f}" y="{y:.1f}" class="{colour} halo">{escape(name)}</text>' for y, x, name, colour in names]
    return sheet(title, height, parts)

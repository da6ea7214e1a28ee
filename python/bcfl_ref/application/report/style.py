"""The look of the report: one style sheet, light and dark, no outside resource."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --card: #ffffff; --ink: #1d2024; --soft: #5d636b; --faint: #8b9199;
  --line: #e2e2dc; --grid: #ecece7; --own: #1f5fc4; --ref: #b4590a; --alone: #6f767f;
  --good: #1b7a4b; --bad: #b8322a; --score: 31, 95, 196; --fail: 184, 50, 42; --warn: #8a5a00;
  --c1: #1f5fc4; --c2: #5b9bd5; --c3: #b4590a; --c4: #3d8b7d; --c5: #8a63b8; --c6: #a0a6ad; --c7: #c79a2c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --card: #1c1f24; --ink: #e8e9eb; --soft: #a9afb7; --faint: #7f868f;
    --line: #30343b; --grid: #292d33; --own: #6aa5ff; --ref: #f0a052; --alone: #9aa1aa;
    --good: #5fc791; --bad: #ff7d73; --score: 106, 165, 255; --fail: 255, 110, 100; --warn: #f0c060;
    --c1: #6aa5ff; --c2: #3f6fae; --c3: #f0a052; --c4: #5fbcab; --c5: #b795e6; --c6: #737a83; --c7: #e2bd5a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1180px; margin: 0 auto; padding: 36px 28px 60px; }
h1 { font-size: 27px; line-height: 1.25; margin: 0 0 6px; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 18px; margin: 0 0 4px; letter-spacing: -0.005em; }
h3 { font-size: 14px; margin: 0 0 6px; font-weight: 600; }
p { margin: 0 0 10px; max-width: 108ch; text-wrap: pretty; }
.lead { color: var(--soft); margin: 0 0 20px; }
.note { color: var(--soft); font-size: 13.5px; margin: 0 0 14px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 20px 22px 22px; margin-top: 18px; }
.mark { border: 1px solid var(--warn); color: var(--warn); border-radius: 8px; padding: 10px 14px; margin: 0 0 18px;
  font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; font-size: 25px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; }
.tile span { display: block; color: var(--soft); font-size: 13px; margin-top: 3px; }
.good { color: var(--good); } .bad { color: var(--bad); } .soft { color: var(--soft); }
.faint { color: var(--faint); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 22px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; color: var(--soft); font-size: 13px; margin: 0 0 12px; }
.legend i { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin-right: 7px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); }
svg .grid { stroke: var(--grid); stroke-width: 1; } svg .axis { stroke: var(--line); stroke-width: 1; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .own { stroke: var(--own); stroke-width: 2.5; } svg .ref { stroke: var(--ref); stroke-dasharray: 7 4; }
svg .alone { stroke: var(--alone); stroke-dasharray: 2 4; }
svg .dot-own { fill: var(--own); } svg .dot-ref { fill: var(--ref); } svg .dot-alone { fill: var(--alone); }
svg .end { font-weight: 600; } svg .end-own { fill: var(--own); } svg .end-ref { fill: var(--ref); }
svg .end-alone { fill: var(--alone); }
svg .bar-a { fill: var(--own); } svg .bar-b { fill: var(--c2); } svg .bar-n { fill: var(--c6); }
svg .late { fill: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: right; font-weight: 600; font-size: 12.5px; color: var(--soft); padding: 4px 10px 6px;
  border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: bottom; }
td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th.t, td.t { text-align: left; } tr:last-child td { border-bottom: 0; }
.tag { display: inline-block; border: 1px solid var(--bad); color: var(--bad); border-radius: 9px; padding: 0 8px;
  font-size: 12px; line-height: 18px; margin-left: 6px; }
.heat { table-layout: fixed; border-collapse: separate; border-spacing: 3px; }
.heat th { border: 0; text-align: center; padding: 2px 0; }
.heat th.t { width: 168px; } .heat th.sum { width: 84px; }
.heat td { border: 0; border-radius: 4px; text-align: center; padding: 7px 0; font-size: 13px; }
.heat td.t { text-align: left; padding-left: 0; } .heat td.sum { text-align: right; padding-right: 4px; }
.heat td.no { color: var(--bad); font-weight: 600; outline: 1.5px solid rgb(var(--fail)); outline-offset: -1.5px; }
.heat td.none { color: var(--faint); }
.meter { display: inline-block; vertical-align: middle; height: 8px; border-radius: 2px; background: var(--own);
  margin-right: 8px; }
.stack { display: flex; height: 22px; border-radius: 5px; overflow: hidden; gap: 2px; margin: 2px 0 12px; }
.swatch { display: inline-block; width: 12px; height: 10px; border-radius: 2px; margin-right: 9px; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 18px; }
.two > section { margin-top: 18px; }
.two + section { margin-top: 18px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0; font-size: 13.5px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--soft); font-size: 13.5px; }
details .scroll { max-height: 420px; overflow: auto; margin-top: 10px; border: 1px solid var(--line);
  border-radius: 6px; }
details th { position: sticky; top: 0; background: var(--card); }
ul { margin: 4px 0 0; padding-left: 20px; } li { margin-bottom: 3px; }
footer { color: var(--faint); font-size: 13px; margin-top: 26px; }
@media print { section, .tile { break-inside: avoid; } body { background: #fff; } }
"""

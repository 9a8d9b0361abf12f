/// How the report looks: light and dark, on paper, on a phone.
enum StyleSheet {
  static let text = """
    :root { color-scheme: light dark; --ground: #fbfaf8; --paper: #fff; --ink: #1d2329; --soft: #5a6570; --line: #dcdcd6;
      --accent: #0b5f6b; --good: #2f7d4f; --mild: #8a8f3a; --quiet: #8b97a1; --warm: #b7791f; --wrong: #9c2b1f; }
    @media (prefers-color-scheme: dark) { :root { --ground: #14181b; --paper: #1c2125; --ink: #e7e9ea; --soft: #a3adb5;
      --line: #363d43; --accent: #6fc3cf; --good: #7cc796; --mild: #cdd27a; --quiet: #7f8b95; --warm: #e0ad5b; --wrong: #ff9d8f; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
    h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; font-weight: 600; }
    h2 { font-size: 1.3rem; margin: 3rem 0 1rem; font-weight: 600; }
    h3 { font-size: 1rem; margin: 2rem 0 .5rem; }
    p { margin: 0 0 .75rem; }
    .lead { color: var(--soft); font-size: 1.1rem; }
    .note, caption, figcaption, small { color: var(--soft); font-size: .9rem; }
    .wrong { color: var(--wrong); font-weight: 600; }
    figure { margin: 0 0 1rem; }
    svg { display: block; width: 100%; height: 2.5rem; border-radius: .3rem; }
    svg[viewBox$="160"] { height: 9rem; border-radius: 0; }
    .inserted { fill: var(--good); } .valid { fill: var(--good); } .updated { fill: var(--accent); } .skipped { fill: var(--quiet); }
    .parked { fill: var(--mild); } .failed { fill: var(--wrong); } .rejected { fill: var(--warm); } .dropped { fill: var(--soft); }
    .column, .filled { fill: var(--accent); } .empty { fill: var(--line); } .axis { stroke: var(--soft); stroke-width: 1; }
    .legend { list-style: none; padding: 0; margin: .9rem 0 0; display: flex; flex-wrap: wrap; gap: .4rem 1.8rem; color: var(--ink); font-size: 1rem; }
    .key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-right: .5rem; }
    .key.inserted, .key.valid { background: var(--good); } .key.updated { background: var(--accent); } .key.skipped { background: var(--quiet); }
    .key.parked { background: var(--mild); } .key.failed { background: var(--wrong); } .key.rejected { background: var(--warm); } .key.dropped { background: var(--soft); }
    .equation { font-variant-numeric: tabular-nums; }
    .ends { display: flex; justify-content: space-between; color: var(--soft); font-size: .85rem; }
    .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); margin: 0 0 .75rem; }
    table { border-collapse: collapse; width: 100%; font-size: .92rem; }
    caption { text-align: left; padding: .6rem .75rem; }
    th, td { text-align: left; padding: .45rem .75rem; border-top: 1px solid var(--line); vertical-align: top; }
    th { color: var(--soft); font-weight: 600; white-space: nowrap; }
    td:first-child { font-weight: 600; min-width: 8.5rem; overflow-wrap: break-word; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    dl { display: grid; grid-template-columns: minmax(10rem, max-content) 1fr; gap: .5rem 1.5rem; margin: 0 0 1rem; }
    dt { font-family: ui-monospace, monospace; font-size: .88rem; padding-top: .1rem; overflow-wrap: anywhere; }
    dd { margin: 0; overflow-wrap: anywhere; }
    code { font-family: ui-monospace, monospace; font-size: .88em; overflow-wrap: anywhere; }
    .fill { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; gap: .35rem; }
    .fill li { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr 6rem; gap: 1rem; align-items: center; }
    .fill .name { overflow-wrap: anywhere; }
    .fill svg { height: .7rem; }
    .signing { margin-top: 3rem; break-inside: avoid; } .signing h2 { margin-top: 0; }
    .signers { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 3rem; } .signers h3 { margin: 1rem 0 0; }
    .line { border-bottom: 1px solid var(--ink); margin: 0; padding-top: 1.9rem; color: var(--soft); font-size: .85rem; }
    .line:last-child { padding-top: 3.4rem; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    @media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: .1rem; } dd { margin-bottom: .7rem; }
      .fill li { grid-template-columns: 1fr 5rem; gap: .2rem 1rem; } .fill .meter { grid-column: 1 / -1; grid-row: 2; } h1 { font-size: 1.6rem; } }
    @media print { :root { --ground: #fff; } body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
      h2 { break-after: avoid; } figure, tr { break-inside: avoid; } th, td { padding: .2rem .6rem; } .scroll { overflow: visible; }
      svg, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }

    """
}

/// The template of `report.html`, in Mustache; the file needs nothing from outside.
let htmlReportTemplate = """
  <!DOCTYPE html>
  <html lang="en">
  <head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{title}}</title>
  <style>
  body { font: 16px/1.5 sans-serif; color: #1a1a1a; max-width: 1180px; margin: 2rem auto; padding: 0 1.5rem; }
  h1 { font-size: 1.7rem; line-height: 1.25; }
  h2 { font-size: 1.3rem; margin-top: 3rem; border-top: 2px solid #0072b2; padding-top: 1rem; }
  p { max-width: 60rem; }
  nav a { margin-right: 1rem; }
  a { color: #0072b2; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; margin: 1rem 0; }
  caption { caption-side: top; text-align: left; padding-bottom: 0.4rem; color: #444; }
  th, td { padding: 0.25rem 0.6rem; text-align: right; border-bottom: 1px solid #ddd; }
  th { border-bottom: 2px solid #888; vertical-align: bottom; }
  th:first-child, td:first-child, .words td, .words th { text-align: left; }
  .words td { vertical-align: top; }
  tbody tr:nth-child(even) { background: #f6f8fa; }
  figure { margin: 1.5rem 0; }
  figure svg, figure img { max-width: 100%; height: auto; }
  figcaption { color: #444; max-width: 60rem; }
  .note { background: #fff4d6; border-left: 4px solid #e69f00; padding: 0.6rem 1rem; }
  .verdict { font-weight: bold; white-space: nowrap; }
  .holds { color: #00694e; } .contradicted { color: #b34700; } .open { color: #555; }
  code { font-size: 0.8rem; }
  </style>
  </head>
  <body>
  <h1>{{title}}</h1>
  <p>{{lead}}</p>
  {{#omission}}<p class="note">{{.}}</p>{{/omission}}
  <nav>{{#sections}}<a href="#{{id}}">{{id}}</a>{{/sections}}<a href="#made">how this was made</a></nav>
  {{#sections}}
  <section id="{{id}}">
  <h2>{{title}}</h2>
  {{#blocks}}
  {{#paragraph}}<p>{{text}}</p>{{/paragraph}}
  {{#table}}
  <div class="scroll"><table><caption>{{caption}}</caption>
  <thead><tr>{{#header}}<th>{{.}}</th>{{/header}}</tr></thead>
  <tbody>{{#rows}}<tr>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
  {{/rows}}</tbody></table></div>
  {{/table}}
  {{#plot}}
  <figure>{{{svg}}}{{#problem}}<p class="note">No picture: {{.}}. The data are in plots/{{name}}.dat.</p>{{/problem}}
  <figcaption>{{caption}}</figcaption></figure>
  {{/plot}}
  {{#picture}}
  <figure><img alt="" width="{{width}}" height="{{height}}" src="data:image/png;base64,{{base64}}">
  <figcaption>{{caption}}</figcaption></figure>
  {{/picture}}
  {{#findings}}
  <div class="scroll"><table class="words"><thead><tr><th>statement</th><th>verdict</th><th>evidence</th></tr></thead>
  <tbody>{{#rows}}<tr><td>{{statement}}</td><td class="verdict {{class}}">{{verdict}}</td><td>{{evidence}}</td></tr>
  {{/rows}}</tbody></table></div>
  {{/findings}}
  {{/blocks}}
  </section>
  {{/sections}}
  <section id="made">
  <h2>How this was made</h2>
  <table class="words"><tbody>
  {{#settings}}<tr><td>{{name}}</td><td>{{value}}</td></tr>
  {{/settings}}</tbody></table>
  <table class="words"><thead><tr><th>data set</th><th>SHA-256 of its files' digests</th></tr></thead><tbody>
  {{#digests}}<tr><td>{{name}}</td><td><code>{{value}}</code></td></tr>
  {{/digests}}</tbody></table>
  <p>results.csv holds one row per number, results.json means and spreads beside the paper's numbers, plots/ the
  data and gnuplot script of every plot, run.json what this run computed on.</p>
  </section>
  </body>
  </html>

  """

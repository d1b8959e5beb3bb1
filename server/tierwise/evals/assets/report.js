// Draws the charts of the report from the figures that stand in the page; without it the tables say the same.
'use strict';
(() => {
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const charts = [];

  const color = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();

  /** Money as the tables write it: cents below a dollar. */
  const money = (usd) => (Math.abs(usd) < 1 ? `${+(usd * 100).toPrecision(3)} ¢` : `$${usd.toFixed(2)}`);

  const KINDS = {
    money: money,
    share: (value) => `${+(value * 100).toFixed(1)}%`,
    seconds: (value) => `${+value.toPrecision(3)} s`,
  };

  function options(chart) {
    const say = KINDS[chart.unit];
    const value = { stacked: chart.stacked, beginAtZero: true, grid: { color: color('line') } };
    value.ticks = { color: color('faint'), callback: say };
    value.max = chart.max;
    const category = { stacked: chart.stacked, grid: { display: false }, ticks: { color: color('faint') } };
    const across = chart.across;
    return {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: across ? 'y' : 'x',
      scales: across ? { x: value, y: category } : { x: category, y: value },
      plugins: {
        legend: { labels: { color: color('ink'), boxWidth: 12 } },
        tooltip: { callbacks: { label: (at) => `${at.dataset.label}: ${say(across ? at.parsed.x : at.parsed.y)}` } },
      },
    };
  }

  function draw() {
    for (const chart of charts.splice(0)) chart.destroy();
    for (const chart of figures) {
      const datasets = chart.series.map((series) => ({
        label: series.name,
        data: series.values,
        backgroundColor: color(series.color),
        maxBarThickness: 40,
      }));
      const canvas = document.getElementById(chart.id);
      charts.push(new Chart(canvas, { type: 'bar', data: { labels: chart.labels, datasets }, options: options(chart) }));
    }
    document.documentElement.dataset.drawn = String(charts.length);
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  // An editor changes its theme by the classes of the page.
  new MutationObserver(draw).observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
})();

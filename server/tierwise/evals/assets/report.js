// Draws the charts of the report from the figures that stand in the page; without it the tables say the same.
'use strict';
(() => {
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const charts = [];

  // Colors of a theme may be written in ways that the chart library does not read.
  const plain = (() => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    return (name) => {
      const probe = document.createElement('span');
      probe.style.color = `var(--${name})`;
      document.body.append(probe);
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = getComputedStyle(probe).color;
      probe.remove();
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
      return `rgb(${red}, ${green}, ${blue})`;
    };
  })();

  /** Money as the tables write it: cents below a dollar. */
  const money = (usd) => (Math.abs(usd) < 1 ? `${+(usd * 100).toPrecision(3)} ¢` : `$${usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`);

  const KINDS = {
    money: money,
    share: (value) => `${+(value * 100).toFixed(1)}%`,
    seconds: (value) => `${+value.toPrecision(3)} s`,
    calls: (value) => (Number.isInteger(value) ? value.toLocaleString('en') : ''),
  };

  function options(chart) {
    const say = KINDS[chart.unit];
    const ticks = { color: plain('faint') };
    const value = { stacked: chart.stacked, beginAtZero: true, grid: { color: plain('line') }, border: { display: false } };
    value.ticks = { ...ticks, callback: say, maxTicksLimit: 6 };
    if (chart.max !== null) value.max = chart.max;
    const category = { stacked: chart.stacked, grid: { display: false }, border: { color: plain('line') } };
    category.ticks = { ...ticks, maxRotation: 0, autoSkip: !chart.across, autoSkipPadding: 16 };
    const across = chart.across;
    return {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: across ? 'y' : 'x',
      scales: across ? { x: value, y: category } : { x: category, y: value },
      plugins: {
        legend: { align: 'start', labels: { color: plain('ink'), boxWidth: 11, boxHeight: 11, padding: 14 } },
        tooltip: { mode: 'index', callbacks: { label: (at) => ` ${at.dataset.label}: ${say(across ? at.parsed.x : at.parsed.y)}` } },
      },
    };
  }

  function draw() {
    for (const chart of charts.splice(0)) chart.destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const chart of figures) {
      const datasets = chart.series.map((series) => ({
        label: series.name,
        data: series.values,
        backgroundColor: plain(series.color),
        maxBarThickness: 34,
        borderRadius: 2,
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

  // On paper everything is light and nothing is folded.
  const folds = [...document.querySelectorAll('details')];
  let open = [];
  addEventListener('beforeprint', () => {
    open = folds.filter((fold) => fold.open);
    for (const fold of folds) fold.open = true;
    document.body.dataset.printing = '';
    draw();
  });
  addEventListener('afterprint', () => {
    for (const fold of folds) fold.open = open.includes(fold);
    delete document.body.dataset.printing;
    draw();
  });

  // A panel that is brought up to date stays where its reader was.
  if (typeof acquireVsCodeApi === 'function') {
    const editor = acquireVsCodeApi();
    const before = editor.getState() ?? { top: 0, open: [] };
    folds.forEach((fold, i) => (fold.open = before.open.includes(i)));
    scrollTo(0, before.top);
    const keep = () => editor.setState({ top: scrollY, open: folds.flatMap((fold, i) => (fold.open ? [i] : [])) });
    addEventListener('scroll', keep, { passive: true });
    for (const fold of folds) fold.addEventListener('toggle', keep);
  }
})();

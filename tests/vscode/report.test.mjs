// The report in a real browser: drawn, in light and dark, on paper, by keyboard, without a word to any host.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { HOOK, Sandbox, python, startBrowser } from './sandbox.mjs';

const here = import.meta.dirname;
const results = path.resolve(here, '../../test-results/vscode');
const N_CHARTS = 4;
const PAPER = { light: 'rgb(255, 255, 255)', dark: 'rgb(15, 19, 23)' };

let browser;
let sandbox;

before(async () => {
  sandbox = new Sandbox();
  const made = spawnSync(python, [path.join(here, 'report_page.py'), sandbox.folder], sandbox.options());
  assert.equal(made.status, 0, made.stderr);
  browser = await startBrowser(sandbox);
}, HOOK);

after(() => sandbox?.end(), HOOK);

/** Open one of the pages and note everything it asks for, says or has executed. */
async function opened(name, options = {}) {
  const url = pathToFileURL(path.join(sandbox.folder, `${name}.html`)).href;
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light', ...options });
  const heard = [];
  page.on('request', (request) => request.url() !== url && heard.push(`asked ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('dialog', (dialog) => {
    heard.push(`executed ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(url);
  return { page, heard };
}

const drawn = (page, n = N_CHARTS) => page.locator(`html[data-drawn="${n}"]`).waitFor();

/** The part of a chart's pixels that have the color the style gives a tier. */
function partIn(page, id, color) {
  const look = ([name, variable]) => {
    const canvas = document.getElementById(name);
    const wanted = getComputedStyle(document.body).getPropertyValue(`--${variable}`).trim();
    const probe = new OffscreenCanvas(1, 1).getContext('2d');
    probe.fillStyle = wanted;
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += data[i] === red && data[i + 1] === green && data[i + 2] === blue;
    return found / (data.length / 4);
  };
  return page.evaluate(look, [id, color]);
}

/** The mean difference of two pictures' colors, from 0 to 255, once both are made small: fonts differ, layout must not. */
async function difference(one, other) {
  const blank = await browser.newPage();
  const compare = async (pictures) => {
    const small = async (data) => {
      const image = new Image();
      image.src = `data:image/jpeg;base64,${data}`;
      await image.decode();
      const context = new OffscreenCanvas(110, 400).getContext('2d');
      context.drawImage(image, 0, 0, 110, 400);
      return context.getImageData(0, 0, 110, 400).data;
    };
    const [a, b] = await Promise.all(pictures.map(small));
    return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
  };
  const found = await blank.evaluate(compare, [one.toString('base64'), other.toString('base64')]);
  await blank.close();
  return found;
}

/** The worst contrast of any text on the page with what lies behind it, as WCAG 2 has it. */
function worstContrast() {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const paint = (color, under) => {
    context.clearRect(0, 0, 1, 1);
    for (const one of [under, color]) {
      context.fillStyle = one;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (color !== 'rgba(0, 0, 0, 0)') return color;
    }
    return 'white';
  };
  let worst = { ratio: Infinity, words: '' };
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.closest('.unseen') !== null) continue;
    const back = behind(element);
    const [text, paper] = [light(paint(getComputedStyle(element).color, back)), light(paint(back, 'white'))];
    const ratio = (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, words: node.data.trim() };
  }
  return worst;
}

for (const scheme of ['light', 'dark']) {
  test(`it is drawn in ${scheme} colors, as in the picture that was looked at`, async () => {
    const { page, heard } = await opened('month', { colorScheme: scheme });
    await drawn(page);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), PAPER[scheme]);
    assert.ok((await partIn(page, 'by-tier', 'top')) > 0.05);
    assert.ok((await partIn(page, 'by-tier', 'bulk')) > 0.05);
    assert.ok((await partIn(page, 'by-day', 'top')) > 0.005);
    const { ratio, words } = await page.evaluate(worstContrast);
    assert.ok(ratio >= 4.5, `the contrast of ${words} is ${ratio.toFixed(2)}`);
    const picture = await page.screenshot({ fullPage: true, type: 'jpeg', quality: 35 });
    fs.mkdirSync(results, { recursive: true });
    fs.writeFileSync(path.join(results, `report-${scheme}.jpg`), picture);
    const known = path.join(here, 'pictures', `report-${scheme}.jpg`);
    if (process.env.UPDATE_PICTURES !== undefined) {
      fs.mkdirSync(path.dirname(known), { recursive: true });
      fs.writeFileSync(known, picture);
    }
    const away = await difference(picture, fs.readFileSync(known));
    assert.ok(away < 8, `the page differs by ${away.toFixed(1)} of 255 from ${known}; look at both, then UPDATE_PICTURES=1`);
    assert.deepEqual(heard, []);
    await page.close();
  });
}

test('it follows the system from light to dark while it is read', async () => {
  const { page } = await opened('month');
  await drawn(page);
  const inLight = await page.evaluate(() => getComputedStyle(document.body).getPropertyValue('--top'));
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction((paper) => getComputedStyle(document.body).backgroundColor === paper, PAPER.dark);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).getPropertyValue('--top')), inLight);
  assert.ok((await partIn(page, 'by-tier', 'top')) > 0.05);
  await page.close();
});

test('it takes the colors of the editor it stands in, and stays where its reader was', async () => {
  const { page } = await opened('month', { colorScheme: 'light' });
  await drawn(page);
  await page.addStyleTag({ content: 'html { --vscode-editor-background: #1e1e1e; --vscode-editor-foreground: #d4d4d4; }' });
  await page.evaluate(() => document.body.classList.add('vscode-dark'));
  await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(30, 30, 30)');
  const { ratio, words } = await page.evaluate(worstContrast);
  assert.ok(ratio >= 4.5, `the contrast of ${words} is ${ratio.toFixed(2)}`);
  fs.writeFileSync(path.join(results, 'report-editor.jpg'), await page.screenshot({ type: 'jpeg', quality: 60 }));
  await page.close();

  const again = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  await again.addInitScript(() => {
    globalThis.kept = { top: 700, open: [0] };
    globalThis.acquireVsCodeApi = () => ({ getState: () => globalThis.kept, setState: (state) => (globalThis.kept = state) });
  });
  await again.goto(pathToFileURL(path.join(sandbox.folder, 'month.html')).href);
  await again.waitForFunction(() => scrollY === 700 && document.querySelector('details').open);
  await again.evaluate(() => scrollTo(0, 900));
  await again.waitForFunction(() => globalThis.kept.top === 900);
  await again.close();
});

test('everything is reached without a mouse and has words', async () => {
  const { page } = await opened('month');
  await drawn(page);
  const n = await page.locator('.scroll, summary').count();
  const seen = new Set();
  for (let i = 0; i < n; i++) {
    await page.keyboard.press('Tab');
    const { place, outline } = await page.evaluate(() => {
      const element = document.activeElement;
      const place = [...document.querySelectorAll('.scroll, summary')].indexOf(element);
      return { place, outline: getComputedStyle(element).outlineStyle };
    });
    assert.equal(outline, 'solid', 'what has the focus must be seen');
    seen.add(place);
    if (await page.evaluate(() => document.activeElement.tagName === 'SUMMARY')) {
      await page.keyboard.press('Enter');
      assert.ok(await page.evaluate(() => document.activeElement.parentElement.open));
    }
  }
  assert.ok(seen.size >= n - 1 && !seen.has(-1));
  const labels = await page.locator('canvas').evaluateAll((all) => all.map((canvas) => canvas.getAttribute('aria-label')));
  assert.equal(labels.length, N_CHARTS);
  assert.ok(labels.every((label) => label.length > 20));
  // Behind each chart a table of the same part has its figures.
  const bare = await page.locator('section').evaluateAll((all) =>
    all.filter((one) => one.querySelector('canvas') !== null && one.querySelector('table') === null).length);
  assert.equal(bare, 0);
  const orphans = await page.evaluate(() => [...document.querySelectorAll('th')].filter((head) => head.scope === '').length);
  assert.equal(orphans, 0);
  await page.close();
});

test('on paper it is light, unfolded and whole', async () => {
  const { page } = await opened('month', { colorScheme: 'dark' });
  await drawn(page);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), PAPER.light);
  assert.equal(await page.locator('details:not([open])').count(), 0);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), PAPER.dark);
  const pdf = await page.pdf({ format: 'A4', printBackground: true });
  fs.writeFileSync(path.join(results, 'report.pdf'), pdf);
  assert.ok(pdf.length > 20_000);
  await page.close();
});

for (const [name, width] of [['empty', 1200], ['years', 1200], ['years', 420], ['month', 420], ['hostile', 1200]]) {
  test(`the page ${name} at ${width} pixels is never wider than its window`, async () => {
    const { page, heard } = await opened(name, { viewport: { width, height: 800 } });
    await drawn(page, name === 'empty' ? 0 : N_CHARTS);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    const picture = await page.screenshot({ fullPage: true, type: 'jpeg', quality: 50 });
    fs.writeFileSync(path.join(results, `report-${name}-${width}.jpg`), picture);
    assert.deepEqual(heard, []);
    await page.close();
  });
}

test('an empty ledger says so instead of showing nothing', async () => {
  const { page } = await opened('empty');
  const text = await page.locator('body').innerText();
  assert.match(text, /no model has been called yet/i);
  assert.equal(await page.locator('figure:visible').count(), 0);
  assert.ok(!text.includes('NaN') && !text.includes('undefined') && !text.includes('None'));
  await page.close();
});

test('hostile names are shown, and nothing of them is executed or fetched', async () => {
  const { page, heard } = await opened('hostile');
  await drawn(page);
  const payloads = JSON.parse(fs.readFileSync(path.join(sandbox.folder, 'hostile.json'), 'utf8'));
  assert.ok(payloads.length >= 30);
  const words = await page.locator('main').evaluate((main) => main.textContent);
  for (const payload of payloads) assert.ok(words.includes(payload), `${payload} is not shown`);
  // Whatever could be set off is: every element is pointed at, focused and opened.
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('*')) {
      for (const kind of ['pointerenter', 'mouseover', 'focus', 'click', 'toggle', 'error', 'load']) {
        element.dispatchEvent(new Event(kind));
      }
    }
  });
  assert.equal(await page.evaluate(() => globalThis.hit), undefined);
  const strange = 'img, svg, iframe, object, embed, link, base, form, input, a, math, [onerror], [onload], [onfocus]';
  assert.equal(await page.locator(strange).count(), 0);
  // No invisible character is left that could turn or hide what stands beside it.
  assert.ok(!/[\u0000-\u0008\u000e-\u001f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2028\u2029]/.test(words));
  assert.deepEqual(heard, []);
  await page.close();
});

test('even markup that got into the page would execute and fetch nothing', async () => {
  const reached = [];
  const server = http.createServer((request, response) => {
    reached.push(request.url);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const place = `127.0.0.1:${server.address().port}`;
  const plain = JSON.parse(fs.readFileSync(path.join(sandbox.folder, 'hostile.json'), 'utf8'));
  const payloads = plain.map((payload) => payload.replaceAll('127.0.0.1:9', place));
  const { page, heard } = await opened('month');
  await drawn(page);
  await page.evaluate((all) => {
    for (const payload of all) {
      const place = document.createElement('div');
      document.body.append(place);
      place.innerHTML = payload;
      for (const dead of place.querySelectorAll('script')) {
        const script = document.createElement('script');
        script.textContent = dead.textContent;
        dead.replaceWith(script);
      }
      for (const link of place.querySelectorAll('a')) link.click();
    }
  }, payloads);
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.equal(await page.evaluate(() => globalThis.hit), undefined);
  const refused = heard.filter((words) => /Content Security Policy/.test(words));
  assert.ok(refused.length >= 10, 'the policy of the page must have refused them');
  assert.ok(!heard.some((words) => words.startsWith('executed')), heard.join('\n'));
  assert.deepEqual(reached, []);
  await page.close();
});

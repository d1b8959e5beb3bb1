// The report in a real browser: drawn, in light and dark, by keyboard, without a word to any host.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { python, startBrowser } from './harness.mjs';

const here = import.meta.dirname;
const results = path.resolve(here, '../../test-results/vscode');
const N_CHARTS = 3;

let browser;
let folder;
let page;
const heard = [];

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierwise-report-'));
  const file = path.join(folder, 'report.html');
  const made = spawnSync(python, [path.join(here, 'report_page.py'), file], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1100, height: 800 }, colorScheme: 'light' });
  page.on('request', (request) => request.url() !== pathToFileURL(file).href && heard.push(`asked ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('dialog', (dialog) => {
    heard.push(`executed ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  await page.locator(`html[data-drawn="${N_CHARTS}"]`).waitFor();
});

after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Whether a chart has pixels of the color that the style gives a tier. */
function isDrawnIn(id, color) {
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
      const context = new OffscreenCanvas(110, 200).getContext('2d');
      context.drawImage(image, 0, 0, 110, 200);
      return context.getImageData(0, 0, 110, 200).data;
    };
    const [a, b] = await Promise.all(pictures.map(small));
    return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
  };
  const found = await blank.evaluate(compare, [one.toString('base64'), other.toString('base64')]);
  await blank.close();
  return found;
}

for (const scheme of ['light', 'dark']) {
  test(`it is drawn in ${scheme} colors, as in the picture that was looked at`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForFunction(
      (wanted) => (getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)') === (wanted === 'light'),
      scheme,
    );
    assert.ok((await isDrawnIn('by-tier', 'top')) > 0.05);
    assert.ok((await isDrawnIn('by-tier', 'bulk')) > 0.05);
    assert.ok((await isDrawnIn('by-day', 'top')) > 0.005);
    const picture = await page.screenshot({ fullPage: true, type: 'jpeg', quality: 60 });
    fs.mkdirSync(results, { recursive: true });
    fs.writeFileSync(path.join(results, `report-${scheme}.jpg`), picture);
    const known = path.join(here, 'pictures', `report-${scheme}.jpg`);
    if (process.env.UPDATE_PICTURES !== undefined) {
      fs.mkdirSync(path.dirname(known), { recursive: true });
      fs.writeFileSync(known, picture);
    }
    const away = await difference(picture, fs.readFileSync(known));
    assert.ok(away < 8, `the page differs by ${away.toFixed(1)} of 255 from ${known}; look at both, then UPDATE_PICTURES=1`);
  });
}

test('everything is reached without a mouse and has words', async () => {
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('role'));
  assert.equal(await focused(), 'region');
  const labels = await page.locator('canvas').evaluateAll((all) => all.map((canvas) => canvas.getAttribute('aria-label')));
  assert.equal(labels.length, N_CHARTS);
  assert.ok(labels.every((label) => label.length > 20));
});

test('hostile names are shown, and nothing of them is executed or fetched', async () => {
  const text = await page.locator('body').innerText();
  assert.ok(text.includes('</script><script>alert(1)</script>'));
  assert.ok(text.includes('"><img src=x onerror=alert(1)>'));
  assert.deepEqual(heard, []);
});

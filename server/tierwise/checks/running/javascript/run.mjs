// Runs one test file by the project's own framework and reports each outcome over a pipe, signed, so that printed text
// is never believed. What it needs of Node is taken before any code of the project is loaded.
import { createHmac } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const MAX_WORDS = 1500;
const settings = JSON.parse(readFileSync(0, "utf8"));
const descriptor = Number(process.env.REPORT_FD);
delete process.env.REPORT_FD;
const { stringify } = JSON;
let nLines = 0;

function add(event, fields) {
  const line = Buffer.from(stringify({ trial: 0, n: nLines++, event, ...fields }), "utf8");
  const sign = createHmac("sha256", Buffer.from(settings.key, "hex")).update(line).digest("hex");
  const whole = Buffer.concat([Buffer.from(sign + " "), line, Buffer.from("\n")]);
  for (let at = 0; at < whole.length; ) at += writeSync(descriptor, whole, at);
}

function noRunner(words) {
  const line = Buffer.from(stringify({ trial: -1, n: 0, event: "no-runner", words }), "utf8");
  const sign = createHmac("sha256", Buffer.from(settings.key, "hex")).update(line).digest("hex");
  writeSync(descriptor, `${sign} ${line.toString("utf8")}\n`);
}

const plainly = (words) => {
  const plain = String(words).replace(/\u001b\[[0-9;]*m/g, "").replace(/\n\s+at .*/g, "");
  return plain.trim();
};

const startOf = (words) => plainly(words).slice(0, MAX_WORDS / 2);

// Whether somebody claimed something that does not hold; an error on the way to a claim is none.
function isAssertion(error) {
  if (error === null || typeof error !== "object") return /^(AssertionError|Error: expect\()/.test(String(error));
  const isNamed = /Assertion|Expectation/.test(String(error.name ?? "") + String(error.code ?? "").replace("_", ""));
  const words = String(error.message ?? "").replace(/\u001b\[[0-9;]*m/g, "");
  return isNamed || error.code === "ERR_ASSERTION" || error.matcherResult !== undefined
    || /^(expect\(|Snapshot |expect\.assertions|expected .* to )/.test(words);
}

function addTest(name, outcome, errors) {
  const words = errors.map((error) => (error?.message !== undefined ? `${error.name ?? "Error"}: ${error.message}` : String(error)));
  add("test", { test: name, outcome, words: startOf(words.join("\n")) });
  if (outcome === "failed") add("raised", { test: name, is_assertion: errors.length > 0 && errors.every(isAssertion) });
}

async function runVitest(require) {
  const { startVitest } = await import(pathToFileURL(require.resolve("vitest/node")).href);
  const options = {
    watch: false, run: true, root: settings.package, reporters: [{}], coverage: { enabled: false }, pool: "forks",
    fileParallelism: false, passWithNoTests: true, update: false, ui: false, api: false, allowOnly: true,
    typecheck: { enabled: false }, cache: false,
  };
  const vitest = await startVitest("test", [settings.test_path], options, { cacheDir: "/tmp/vite" });
  let nCollected = 0;
  const walk = (task, above) => {
    const name = above ? `${above} > ${task.name}` : task.name;
    const errors = task.result?.errors ?? [];
    if (task.type === "suite") {
      if (task.result?.state === "fail" && errors.length) add("broken", { test: name, words: startOf(errors[0].message) });
      for (const inner of task.tasks) walk(inner, task.filepath === undefined ? name : "");
      return;
    }
    nCollected += 1;
    const state = task.result?.state;
    const outcome = state === "pass" ? "passed" : state === "fail" ? "failed" : "skipped";
    addTest(name, outcome === "passed" && (task.fails || task.mode !== "run") ? "xfailed" : outcome, errors);
  };
  for (const file of vitest.state.getFiles()) {
    if (path.resolve(file.filepath) === settings.test_path) walk(file, "");
  }
  for (const error of vitest.state.getUnhandledErrors()) {
    add("broken", { test: settings.test_path, words: startOf(error?.message ?? error) });
  }
  add("end", { n_collected: nCollected });
}

async function runJest(require) {
  const { runCLI } = require(createRequire(require.resolve("jest")).resolve("@jest/core"));
  const argv = {
    $0: "jest", _: [settings.test_path], runTestsByPath: true, runInBand: true, ci: true, watchman: false, cache: false,
    coverage: false, reporters: [], passWithNoTests: true, silent: false, cacheDirectory: "/tmp/jest",
    testLocationInResults: false, haste: JSON.stringify({ enableSymlinks: false }),
  };
  const { results } = await runCLI(argv, [settings.package]);
  let nCollected = 0;
  for (const file of results.testResults) {
    if (file.testExecError || (file.failureMessage && !file.testResults.length)) {
      add("broken", { test: file.testFilePath, words: startOf(file.failureMessage ?? file.testExecError.message) });
    }
    for (const test of file.testResults) {
      nCollected += 1;
      const outcome = { passed: "passed", failed: "failed" }[test.status] ?? "skipped";
      const errors = test.failureMessages.map((words, i) => {
        const detail = test.failureDetails?.[i] ?? {};
        const inner = detail.error ?? detail;
        return { name: inner.name, code: inner.code, matcherResult: inner.matcherResult, message: words };
      });
      const name = [...test.ancestorTitles, test.title].join(" > ");
      add("test", { test: name, outcome, words: startOf(errors.map((error) => error.message).join("\n")) });
      if (outcome === "failed") {
        const areClaims = errors.length > 0
          && errors.every((error) => isAssertion(error) || /^(Error: expect\(|AssertionError)/.test(plainly(error.message)));
        add("raised", { test: name, is_assertion: areClaims });
      }
    }
  }
  add("end", { n_collected: nCollected });
}

async function runNode() {
  const { run } = await import("node:test");
  let nCollected = 0;
  const isFile = (data) => data.nesting === 0 && path.resolve(String(data.name)) === settings.test_path;
  const stream = run({ files: [settings.test_path], concurrency: false });
  const done = (outcome) => (data) => {
    if (data.details?.type === "suite") return;
    const error = data.details?.error;
    const cause = error?.cause ?? error;
    if (isFile(data)) {
      if (outcome === "failed") add("broken", { test: data.name, words: startOf(output.join("") || cause?.message || cause) });
      return;
    }
    nCollected += 1;
    const isLeft = data.skip !== undefined || data.todo !== undefined;
    addTest(data.name, isLeft ? "skipped" : outcome, outcome === "failed" ? [cause] : []);
  };
  const output = [];
  stream.on("test:stderr", (data) => output.push(data.message));
  stream.on("test:pass", done("passed"));
  stream.on("test:fail", done("failed"));
  stream.resume();
  await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
  add("end", { n_collected: nCollected });
}

const require = createRequire(path.join(settings.package, "package.json"));
const runs = { vitest: () => runVitest(require), jest: () => runJest(require), "node:test": runNode };
try {
  await runs[settings.framework]();
} catch (error) {
  if (error?.code === "MODULE_NOT_FOUND") noRunner(startOf(error.message));
  else {
    add("broken", { test: settings.test_path, words: startOf(error?.stack ?? error) });
    add("end", { n_collected: 0 });
  }
}
process.exit(0);

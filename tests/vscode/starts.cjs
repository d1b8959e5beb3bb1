// Loaded by Node before anything else. A process that runs the extensions of a window notes each process it starts, and
// whether code of ours is on the stack that asked for it.
'use strict';
const childProcess = require('node:child_process');
const fs = require('node:fs');

/** Every call of these starts a process; what else starts one goes through `ChildProcess`. */
const AT_ONCE = ['spawnSync', 'execFileSync', 'execSync'];
const OURS = /\/extensions\/tierwise\.tierwise-/;
const DEPTH = 100;

function stack() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const { stack: found } = new Error('who starts this');
  Error.stackTraceLimit = before;
  return found ?? '';
}

function record(file) {
  const note = (line) => fs.appendFileSync(file, `${JSON.stringify({ host: String(process.pid), ...line })}\n`);
  const start = (words) => note({ start: words, isOurs: OURS.test(stack()) });
  const { prototype } = childProcess.ChildProcess;
  const { spawn } = prototype;
  prototype.spawn = function spawnNoted(options) {
    start([options.file, ...(options.args ?? []).slice(1)]);
    return spawn.call(this, options);
  };
  for (const name of AT_ONCE) {
    const { [name]: was } = childProcess;
    childProcess[name] = (...args) => {
      start(args.slice(0, 2));
      return was(...args);
    };
  }
  note({ isThere: true });
}

if (process.env.TIERWISE_STARTS !== undefined && process.argv.includes('--type=extensionHost')) record(process.env.TIERWISE_STARTS);

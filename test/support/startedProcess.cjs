/**
 * Loaded into the processes that tests start, before `systole` itself, so that what they do depends on their work alone
 * and not on how fast the machine is. SYSTOLE_TEST_PROCESS says, as JSON, what is asked for: `Moment` in cli.ts.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { isMainThread } = require('node:worker_threads');

const { clock = 'standing', at, happens } = JSON.parse(process.env.SYSTOLE_TEST_PROCESS ?? '{}');

// On a standing clock no run is long enough to say how far it is; on a racing one each step of it is.
let now = Date.now();
const MILLISECONDS_PER_LOOK = clock === 'racing' ? 10_000 : 0;
Date.now = () => {
  now += MILLISECONDS_PER_LOOK;
  return now;
};

/** What is to happen at the moment, once. */
let isPast = false;
function reach() {
  isPast = true;
  if (happens.signal !== undefined) {
    process.kill(process.pid, happens.signal);
    if (happens.signal !== 'SIGKILL') write(2, `(${happens.signal})\n`);
  }
  while (happens.waitFor !== undefined && !fs.existsSync(happens.waitFor)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

const { openSync, writeSync: write } = fs;

/** The moment at which a file whose name begins so has so many bytes; a kill tears what is written just then. */
function watchFile({ file, bytes }) {
  const descriptors = new Set();
  const left = (descriptor) => bytes - fs.fstatSync(descriptor).size;
  fs.openSync = (path, ...options) => {
    const descriptor = openSync(path, ...options);
    if (String(path).split('/').at(-1).startsWith(file)) {
      descriptors.add(descriptor);
      if (!isPast && left(descriptor) <= 0) reach();
    }
    return descriptor;
  };
  fs.writeSync = (descriptor, data, from = 0, ...rest) => {
    if (isPast || !descriptors.has(descriptor)) return write(descriptor, data, from, ...rest);
    const sent = write(descriptor, data, from, Math.min(data.length - from, left(descriptor)));
    if (left(descriptor) <= 0) reach();
    return sent;
  };
  syncBuiltinESMExports();
}

/** The moment at which something has been said on stderr. */
function watchStderr({ stderr }) {
  const pattern = new RegExp(stderr);
  const say = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text, ...rest) => {
    const result = say(text, ...rest);
    if (!isPast && pattern.test(text)) reach();
    return result;
  };
}

if (isMainThread && at !== undefined) {
  if ('file' in at) watchFile(at);
  else watchStderr(at);
}

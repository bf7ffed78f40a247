/** Leaves its workers to the kernel, which kills them with PID 1. */
const { spawn } = require('node:child_process');
const { Agent, log, sleep } = require('./agent');

const workers = [1, 2].map(() => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }));

const agent = new Agent();
async function stop() {
  await agent.finish();
  log(`clean-up: storing what ${workers.length} workers have made`);
  await sleep(1000 * Number(process.env.STAY_SECONDS ?? 3));
  process.exit(0);
}
agent.onSignal(stop).listen();

/** Refuses with 503 and keeps the connection, so a client comes back on it. It does not know SIGINT either. */
const { Agent, sleep } = require('./agent');

const agent = new Agent();
agent.closesConnections = false;
async function stop() {
  await sleep(1000 * Number(process.env.STAY_SECONDS ?? 3));
  await agent.finish();
}
agent.onSignal(stop, ['SIGTERM']).listen();

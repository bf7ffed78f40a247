/** Goes on as if nothing had been said, ready and for new work. STAY_SECONDS says how long. */
const { Agent, sleep } = require('./agent');

const agent = new Agent();
agent.refuses = () => false;
agent.closesConnections = false;
async function stop() {
  await sleep(1000 * Number(process.env.STAY_SECONDS ?? 3));
  await agent.finish();
}
agent.onSignal(stop).listen();

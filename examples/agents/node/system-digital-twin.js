/** Stops by the book: not ready first, 503 for new requests, those in flight finished, the port closed, exit 0. */
const { Agent } = require('./agent');

const agent = new Agent();
agent.onSignal(() => agent.finish()).listen();
